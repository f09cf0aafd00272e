namespace Engine;

/// <summary>
/// One block of device memory, shared by the views made of it. Blocks live in their device's pool between uses; only a
/// block that the collector finds outside its pool was leaked, and its finalizer gives the memory back.
/// </summary>
internal sealed class Storage : IDisposable
{
    private readonly Device _device;

    public Storage(Device device, nint address, long capacity)
    {
        _device = device;
        Address = address;
        Capacity = capacity;
    }

    ~Storage() => _device.FreeLeaked(this);

    /// <summary>Where the block starts on its device.</summary>
    public nint Address { get; }

    /// <summary>Bytes of the block, the size class it was rounded up to.</summary>
    public long Capacity { get; }

    /// <summary>What the block is used for at present, for the memory report.</summary>
    public string Tag { get; set; } = string.Empty;

    /// <summary>Tensors that share the block.</summary>
    public int References { get; private set; }

    /// <summary>Bumped by every in-place write; backward compares it with the value at the time of saving.</summary>
    public int Version { get; set; }

    /// <summary>Gives the memory back to the driver.</summary>
    public void Dispose()
    {
        _device.FreePooled(this);
        GC.SuppressFinalize(this);
    }

    public void AddReference() => References++;

    /// <summary>One tensor fewer; the last one returns the block to the pool.</summary>
    public void Release()
    {
        if (--References == 0)
        {
            _device.Return(this);
        }
    }
}
