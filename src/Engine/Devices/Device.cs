using Engine.KernelLanguage;

namespace Engine;

/// <summary>
/// A place where tensors live and kernels run. A backend supplies five verbs: allocate, free, copy, launch, synchronise;
/// pooling, counting and typed launches are the same for all and live here.
/// </summary>
public abstract partial class Device : IDisposable
{
    private readonly Lock _lock = new();
    private readonly BlockPool _pool = new();
    private long _leaked;

    /// <summary>How the command line spells this device: <c>cpu</c>, <c>cuda:0</c> …</summary>
    public abstract string Name { get; }

    /// <summary>What the device can do.</summary>
    public abstract DeviceCapabilities Capabilities { get; }

    /// <summary>Multiprocessors whose tensor cores multiply 16 bits while copies feed them in the background (NVIDIA's sm_80 and newer); 0 if there are none. Read at every product.</summary>
    internal virtual int AsyncTensorUnits => 0;

    /// <summary>
    /// Whether lookups check their indices first. The answer of a check must be waited for, so only devices on which that
    /// costs nothing do it.
    /// </summary>
    public virtual bool ChecksIndices => false;

    /// <summary>Whether tensors have values; only <see cref="MetaDevice"/> says no.</summary>
    public virtual bool HoldsValues => true;

    /// <summary>Live and peak bytes on this device.</summary>
    public MemoryCounter Memory { get; } = new();

    /// <summary>The most bytes that live tensors may hold; beyond it allocation fails with a report. Default: no limit.</summary>
    public long MemoryLimit { get; set; } = long.MaxValue;

    /// <summary>Blocks that the garbage collector found outside the pool: tensors that nobody disposed.</summary>
    public long LeakedBlocks => Interlocked.Read(ref _leaked);

    /// <summary>Bytes of the largest block that the backend can allocate.</summary>
    private protected virtual long MaxBlockBytes => long.MaxValue;

    /// <summary>True once the device is disposed.</summary>
    public bool IsDisposed { get; private set; }

    /// <summary>Waits until everything launched so far is done.</summary>
    public abstract void Synchronize();

    /// <summary>Something that repeats work with as little overhead as the device can; see <see cref="LaunchGraph"/>.</summary>
    public virtual LaunchGraph CreateGraph() => new();

    /// <summary>Gives pooled blocks back to the driver.</summary>
    public void Trim()
    {
        lock (_lock)
        {
            foreach (Storage storage in _pool.Drain())
            {
                storage.Dispose();
            }
        }
    }

    /// <summary>Frees the pool and the backend's own resources. Tensors still alive become invalid.</summary>
    public void Dispose()
    {
        if (!IsDisposed)
        {
            try
            {
                Synchronize();
            }
            catch (EngineException)
            {
                // Work that failed and that nobody waited for: there is nothing left to spoil.
            }

            Trim();
            IsDisposed = true;
            Dispose(disposing: true);
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what the backend itself holds.</summary>
    protected abstract void Dispose(bool disposing);

    /// <summary>Starts every block of a kernel; returns when the work is queued (on the CPU: done).</summary>
    /// <param name="kernel">The kernel with its arguments.</param>
    /// <param name="blocks">The size of the grid; 0 is allowed and does nothing.</param>
    /// <exception cref="EngineException">The device cannot run the kernel so; says why. Nothing has been launched then.</exception>
    public unsafe void Launch<TKernel>(in TKernel kernel, long blocks)
        where TKernel : unmanaged, IKernel
    {
        if (blocks > 0)
        {
            fixed (TKernel* arguments = &kernel)
            {
                _log?.Launch(KernelDescriptor<TKernel>.Instance, arguments, blocks);
                Launch(KernelDescriptor<TKernel>.Instance, arguments, blocks);
            }
        }
    }

    /// <summary>Verb: launch a kernel whose argument struct is at <paramref name="arguments"/>.</summary>
    private protected abstract unsafe void Launch(KernelDescriptor kernel, void* arguments, long blocks);

    /// <summary>Verb: a fresh block of memory, 64-byte aligned. Zero signals that there is no more.</summary>
    private protected abstract nint AllocateBlock(long bytes);

    /// <summary>Verb: gives a block back to the driver.</summary>
    private protected abstract void FreeBlock(nint address, long bytes);

    /// <summary>Verb: host to device.</summary>
    internal abstract unsafe void CopyFromHost(void* source, nint target, long bytes);

    /// <summary>Verb: device to host; waits for the data.</summary>
    internal abstract unsafe void CopyToHost(nint source, void* target, long bytes);

    /// <summary>A block of at least <paramref name="bytes"/>, from the pool if possible. The caller holds one reference.</summary>
    internal Storage Rent(long bytes, string tag)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        if (bytes > MaxBlockBytes)
        {
            throw new EngineException($"{tag}: {Bytes.Format(bytes)} in one tensor is too much for {Name}, which takes at most {Bytes.Format(MaxBlockBytes)}; split it, or use a smaller batch.");
        }

        int sizeClass = BlockPool.ClassOf(bytes, out long capacity);
        capacity = Math.Min(capacity, MaxBlockBytes);
        Storage? storage;
        lock (_lock)
        {
            if (Memory.LiveBytes + capacity > MemoryLimit)
            {
                throw OutOfMemory(bytes, tag);
            }

            storage = _pool.Take(sizeClass);
        }

        if (storage is null)
        {
            nint address = AllocateBlock(capacity);
            if (address == 0)
            {
                Trim();
                address = AllocateBlock(capacity);
            }

            storage = address != 0 ? new Storage(this, address, capacity) : throw OutOfMemory(bytes, tag);
        }

        storage.Tag = tag;
        storage.AddReference();
        Memory.Add(tag, capacity);
        return storage;
    }

    /// <summary>A block nobody uses any more.</summary>
    internal void Return(Storage storage)
    {
        Memory.Add(storage.Tag, -storage.Capacity);
        storage.Version = 0;
        lock (_lock)
        {
            if (!IsDisposed)
            {
                _pool.Put(storage);
                return;
            }
        }

        storage.Dispose();
    }

    /// <summary>A block that leaves the pool for good.</summary>
    internal void FreePooled(Storage storage) => FreeBlock(storage.Address, storage.Capacity);

    /// <summary>Called by the finalizer of a block: one still referenced was leaked by its owner.</summary>
    internal void FreeLeaked(Storage storage)
    {
        if (storage.References > 0)
        {
            Interlocked.Increment(ref _leaked);
            Memory.Add(storage.Tag, -storage.Capacity);
        }

        FreeBlock(storage.Address, storage.Capacity);
    }

    private EngineException OutOfMemory(long bytes, string tag) => new(
        $"{tag}: out of memory on {Name}: {Bytes.Format(bytes)} asked for, {Bytes.Format(Memory.LiveBytes)} live, limit " +
        $"{Bytes.Format(Math.Min(MemoryLimit, Capabilities.MemoryBytes))}. Biggest holders: {Memory.BiggestHolders()}. " +
        "Use a smaller batch, a shorter sequence or activation checkpointing.");
}
