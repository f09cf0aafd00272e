namespace Engine.KernelLanguage;

/// <summary>A kernel: arguments held by value, one body executed once per lane of every block of the grid.</summary>
public interface IKernel
{
    /// <summary>The work of one lane of one block.</summary>
    /// <param name="b">Which lane of which block this is, and the block's collectives.</param>
    void Execute(in Block b);
}
