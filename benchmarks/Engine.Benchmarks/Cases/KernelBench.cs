using Engine.KernelLanguage;

namespace Engine.Benchmarks;

/// <summary>A kernel at one shape. A kernel is its arguments, so the loops that compete with it read them from it.</summary>
/// <param name="shape">The shape as people write it.</param>
/// <param name="blocks">The size of the grid.</param>
/// <param name="make">Binds the kernel to arguments.</param>
/// <param name="naive">The same work in plain loops.</param>
/// <param name="rival">The same work by another library; null for none.</param>
public sealed class KernelBench<TKernel>(
    string shape, long blocks, Func<BenchArguments, TKernel> make, Action<TKernel> naive, Action<TKernel>? rival = null)
    : BenchCase($"{Label} {shape}"), IKernelBench
    where TKernel : unmanaged, IKernel
{
    /// <inheritdoc/>
    public string Kernel => KernelDescriptor<TKernel>.Instance.Source!.Name;

    /// <summary>Refuses a rival that is missing or not at its best.</summary>
    public Action? RequireRival { get; init; }

    // The kernel and its table of functions, without element types.
    private static string Label => typeof(TKernel) is { IsGenericType: true } type && type.GetGenericArguments()[0] is { IsPrimitive: false } table
        && typeof(IDeviceFunctions).IsAssignableFrom(table)
        ? $"{type.Name.Split('`')[0]}<{table.Name}>"
        : typeof(TKernel).Name.Split('`')[0];

    /// <inheritdoc/>
    public override bool Has(Contestant contestant) => contestant switch
    {
        Contestant.Simd => IsOverridden(),
        Contestant.SimdAllThreads => Contestants.HasThreads && IsOverridden(),
        Contestant.Rival => rival is not null,
        _ => true,
    };

    /// <inheritdoc/>
    public override BenchRun Prepare(Contestant contestant)
    {
        if (contestant == Contestant.Rival)
        {
            RequireRival?.Invoke();
        }

        CpuDevice device = Contestants.Open(contestant);
        BenchArguments arguments = new(device);
        TKernel kernel = make(arguments);
        Cost = kernel.Cost(blocks);
        Action run = contestant switch
        {
            Contestant.Naive => () => naive(kernel),
            Contestant.Rival => () => rival!(kernel),
            _ => () => device.Launch(kernel, blocks),
        };
        return new BenchRun(
            run,
            () =>
            {
                run();
                return arguments.Results();
            },
            arguments,
            device);
    }

    private static bool IsOverridden()
    {
        using CpuDevice device = new(threads: 1);
        return device.Overrides.Kernels.Contains(KernelDescriptor<TKernel>.Instance);
    }
}

/// <summary>A case about a kernel.</summary>
public interface IKernelBench
{
    /// <summary>The kernel's name without type arguments.</summary>
    string Kernel { get; }
}
