namespace Engine;

/// <summary>
/// Device memory, in the order of the stream where the driver can do that: then neither allocating nor freeing waits.
/// </summary>
internal sealed unsafe class CudaMemory
{
    private const int MemoryPoolsSupported = 115;
    private const int ReleaseThreshold = 4;
    private readonly CudaContext _context;
    private readonly List<nint> _late = [];

    /// <summary>The memory of a device.</summary>
    public CudaMemory(CudaContext context)
    {
        _context = context;
        CudaDriver driver = context.Driver;
        IsStreamOrdered = driver.HasStreamOrderedMemory && context.Attribute(MemoryPoolsSupported) != 0;
        if (IsStreamOrdered)
        {
            // The engine keeps a pool of its own; what that pool gives up, others may have, but never for a mere wait.
            nint pool;
            ulong everything = ulong.MaxValue;
            context.Check(driver.DeviceGetDefaultMemPool(&pool, context.Device), "opening its memory pool");
            context.Check(driver.MemPoolSetAttribute(pool, ReleaseThreshold, &everything), "setting up its memory pool");
        }
    }

    /// <summary>Whether blocks are allocated and freed in the order of the stream.</summary>
    public bool IsStreamOrdered { get; }

    /// <summary>A block; 0 if there is no memory left.</summary>
    public nint Allocate(long bytes)
    {
        _context.Enter();
        nint address = 0;

        // In a captured stream an allocation would become part of the graph and end with it.
        int status = IsStreamOrdered && !_context.IsCapturing
            ? _context.Driver.MemAllocAsync(&address, (nuint)bytes, _context.Stream)
            : _context.Driver.MemAlloc(&address, (nuint)bytes);
        if (status == CudaStatus.OutOfMemory)
        {
            return 0;
        }

        _context.Check(status, $"allocating {Bytes.Format(bytes)}");
        return address;
    }

    /// <summary>Gives a block back. Safe on the finalizer's thread: it never throws.</summary>
    public void Free(nint address)
    {
        lock (_context.CaptureGate)
        {
            if (_context.IsCapturing)
            {
                _late.Add(address);
            }
            else
            {
                FreeNow(address);
            }
        }
    }

    /// <summary>Frees what was given back while a graph was captured.</summary>
    public void FreeLate()
    {
        lock (_context.CaptureGate)
        {
            _late.ForEach(FreeNow);
            _late.Clear();
        }
    }

    // What is gone took its memory with it. Memory from MemAlloc may be freed in stream order too.
    private void FreeNow(nint address)
    {
        if (_context.TryEnter())
        {
            _ = IsStreamOrdered ? _context.Driver.MemFreeAsync(address, _context.Stream) : _context.Driver.MemFree(address);
        }
    }
}
