namespace Engine.KernelLanguage;

/// <summary>A kernel: arguments held by value, one body executed once per lane of every block of the grid.</summary>
public interface IKernel
{
    /// <summary>The kernel's parameters and device text, written by the kernel compiler; null runs on the CPU only.</summary>
    static virtual KernelSource? Source => null;

    /// <summary>The work of one lane of one block.</summary>
    /// <param name="b">Which lane of which block this is, and the block's collectives.</param>
    void Execute(in Block b);

    /// <summary>
    /// The arithmetic and the traffic of a launch with these arguments, for profiles; <see cref="KernelCost.Unknown"/> unless the
    /// kernel says. Called on the host, so it must not read views, only ask whether they exist.
    /// </summary>
    /// <param name="blocks">The size of the grid.</param>
    KernelCost Cost(long blocks) => KernelCost.Unknown;

    /// <summary>Lists the arguments of a launch in order, written by the kernel compiler.</summary>
    /// <param name="arguments">The list to add to.</param>
    void Bind(ref KernelArguments arguments) =>
        throw new NotSupportedException($"{GetType().Name} has no device text: mark it [Kernel] and partial.");
}
