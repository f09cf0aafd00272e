using System.Runtime.InteropServices;

namespace Engine;

/// <summary>
/// The CPU: runs a kernel's C# body block by block on persistent worker threads, or its SIMD override where there is one.
/// Launches are synchronous. Results do not depend on the number of threads.
/// </summary>
public sealed class CpuDevice : Device
{
    private readonly CpuWorkers _workers;
    private readonly CpuOverrides _overrides;
    private ProfileLog? _profile;

    /// <summary>A CPU device with its own worker threads.</summary>
    /// <param name="threads">Worker threads; 0 means one for each processor this process may use.</param>
    /// <param name="level">The SIMD level of the overrides; the widest available by default.</param>
    /// <exception cref="EngineException">The machine does not have <paramref name="level"/>.</exception>
    public CpuDevice(int threads = 0, SimdLevel? level = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        Level = level ?? SimdLevels.Best;
        if (Level > SimdLevels.Best)
        {
            throw new EngineException($"cpu: this machine has no {Level.Name()}; its widest level is {SimdLevels.Best.Name()}.");
        }

        Threads = threads == 0 ? Environment.ProcessorCount : threads;
        _workers = new CpuWorkers(Threads);
        _overrides = SimdOverrides.For(Level);
    }

    /// <summary>Worker threads, the calling thread included.</summary>
    public int Threads { get; }

    /// <summary>The SIMD level of the overrides.</summary>
    public SimdLevel Level { get; }

    /// <inheritdoc/>
    public override string Name => "cpu";

    /// <inheritdoc/>
    public override bool ChecksIndices => true;

    /// <inheritdoc/>
    public override DeviceCapabilities Capabilities => new(
        $"CPU ({RuntimeInformation.ProcessArchitecture})", Level.Name(), Threads, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    /// <summary>The CPU in <see cref="Device.List"/>; it is always there.</summary>
    internal static DeviceEntry Entry => new("cpu", $"CPU ({RuntimeInformation.ProcessArchitecture}, {SimdLevels.Best.Name()})", null, IsGpu: false);

    /// <summary>The kernels that run as SIMD overrides at this level.</summary>
    internal CpuOverrides Overrides => _overrides;

    /// <summary>The worker threads, for code that measures them.</summary>
    internal CpuWorkers Workers => _workers;

    /// <inheritdoc/>
    public override void Synchronize()
    {
        // Launches return when they are done.
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _workers.Dispose();

    private protected override bool RunsBehind => false;

    private protected override void StartProfile(ProfileLog log) => _profile = log;

    private protected override void StopProfile() => _profile = null;

    private protected override unsafe void Launch(KernelDescriptor kernel, void* arguments, long blocks)
    {
        if (_profile is null)
        {
            Run(kernel, arguments, blocks);
            return;
        }

        long start = _profile.Now;
        Run(kernel, arguments, blocks);
        _profile.Time(_profile.Present, start, _profile.Now - start);
    }

    private unsafe void Run(KernelDescriptor kernel, void* arguments, long blocks)
    {
        if (_overrides.TryRun(kernel, arguments, blocks, _workers))
        {
            return;
        }

        // A few chunks for each worker even out blocks of unequal cost.
        long chunk = Math.Max(1, blocks / (Threads * 8L));
        BlockRange range = new(GCHandle.ToIntPtr(kernel.Handle), (nint)arguments, blocks, chunk);
        _workers.Run((blocks + chunk - 1) / chunk, &RunChunk, &range);
    }

    private protected override unsafe nint AllocateBlock(long bytes)
    {
        try
        {
            return (nint)NativeMemory.AlignedAlloc((nuint)bytes, 64);
        }
        catch (OutOfMemoryException)
        {
            return 0;
        }
    }

    private protected override unsafe void FreeBlock(nint address, long bytes) => NativeMemory.AlignedFree((void*)address);

    internal override unsafe void CopyFromHost(void* source, nint target, long bytes) =>
        Buffer.MemoryCopy(source, (void*)target, bytes, bytes);

    internal override unsafe void CopyToHost(nint source, void* target, long bytes) =>
        Buffer.MemoryCopy((void*)source, target, bytes, bytes);

    private static unsafe void RunChunk(void* state, long index, int worker)
    {
        BlockRange range = *(BlockRange*)state;
        KernelDescriptor kernel = (KernelDescriptor)GCHandle.FromIntPtr(range.Kernel).Target!;
        long start = index * range.Chunk;
        kernel.RunBlocks((void*)range.Arguments, start, Math.Min(range.Blocks, start + range.Chunk));
    }

    private readonly record struct BlockRange(nint Kernel, nint Arguments, long Blocks, long Chunk);
}
