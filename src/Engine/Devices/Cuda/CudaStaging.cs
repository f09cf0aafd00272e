namespace Engine;

/// <summary>
/// Pinned host memory through which copies pass, so that a copy to the device returns as soon as the source has been read
/// and runs at the full speed of the bus. A slot is used again when the event behind its copy has come.
/// </summary>
internal sealed unsafe class CudaStaging : IDisposable
{
    /// <summary>Bytes of a slot; larger copies pass in parts, the next part being filled while one is on its way.</summary>
    public const long SlotBytes = 1 << 20;

    private const int Slots = 4;
    private const uint NoTiming = 2;
    private readonly Lock _lock = new();
    private readonly CudaContext _context;
    private readonly List<Slot> _slots = [];
    private int _next;

    /// <summary>Staging of a device; memory is taken when it is first needed.</summary>
    public CudaStaging(CudaContext context) => _context = context;

    /// <summary>Copies host memory to the device. The source may change as soon as this returns.</summary>
    public void ToDevice(byte* source, nint target, long bytes)
    {
        lock (_lock)
        {
            _context.Enter();
            for (long at = 0; at < bytes; at += SlotBytes)
            {
                long part = Math.Min(SlotBytes, bytes - at);
                Slot slot = Take();
                Buffer.MemoryCopy(source + at, slot.Memory, part, part);
                _context.Check(
                    _context.Driver.MemcpyHtoDAsync(target + (nint)at, slot.Memory, (nuint)part, _context.Stream),
                    $"copying {Bytes.Format(bytes)} to the device");
                if (_context.IsCapturing)
                {
                    slot.State = SlotState.Captured;
                }
                else
                {
                    Mark(slot);
                }
            }
        }
    }

    /// <summary>Copies device memory to the host and waits for it, and with it for everything launched before.</summary>
    public void ToHost(nint source, byte* target, long bytes)
    {
        _context.RequireRunning();
        lock (_lock)
        {
            for (long at = 0; at < bytes; at += SlotBytes)
            {
                long part = Math.Min(SlotBytes, bytes - at);
                _context.Enter();
                Slot slot = Take();
                _context.Check(
                    _context.Driver.MemcpyDtoHAsync(slot.Memory, source + (nint)at, (nuint)part, _context.Stream),
                    $"copying {Bytes.Format(bytes)} to the host");
                _context.Synchronize();
                Buffer.MemoryCopy(slot.Memory, target + at, part, part);
            }
        }
    }

    /// <summary>A graph that reads the captured slots has been launched: they are free again once it is done.</summary>
    public void MarkCaptured()
    {
        lock (_lock)
        {
            foreach (Slot slot in _slots)
            {
                if (slot.State == SlotState.Captured)
                {
                    Mark(slot);
                }
            }
        }
    }

    /// <summary>A capture was given up: nothing will read its slots.</summary>
    public void DropCaptured()
    {
        lock (_lock)
        {
            foreach (Slot slot in _slots)
            {
                slot.State = slot.State == SlotState.Captured ? SlotState.Free : slot.State;
            }
        }
    }

    /// <summary>Gives the pinned memory back.</summary>
    public void Dispose()
    {
        if (!_context.TryEnter())
        {
            return;
        }

        foreach (Slot slot in _slots)
        {
            _ = _context.Driver.EventDestroy(slot.Event);
            _ = _context.Driver.MemFreeHost(slot.Memory);
        }

        _slots.Clear();
    }

    private void Mark(Slot slot)
    {
        _context.Check(_context.Driver.EventRecord(slot.Event, _context.Stream), "marking a copy");
        slot.State = SlotState.Pending;
    }

    // The next slot in turn. Captured ones wait for their graph, so a capture may need more slots than copies do.
    private Slot Take()
    {
        for (int i = 0; i < _slots.Count; i++)
        {
            Slot slot = _slots[(_next + i) % _slots.Count];
            if (slot.State == SlotState.Pending && _slots.Count < Slots)
            {
                break;
            }

            if (slot.State != SlotState.Captured)
            {
                _next = (_next + i + 1) % _slots.Count;
                if (slot.State == SlotState.Pending)
                {
                    _context.Check(_context.Driver.EventSynchronize(slot.Event), "waiting for a copy");
                }

                slot.State = SlotState.Free;
                return slot;
            }
        }

        return Add();
    }

    private Slot Add()
    {
        void* memory;
        nint done;
        _context.Check(_context.Driver.MemHostAlloc(&memory, (nuint)SlotBytes, 0), "allocating pinned host memory");
        int status = _context.Driver.EventCreate(&done, NoTiming);
        if (status != CudaStatus.Success)
        {
            _ = _context.Driver.MemFreeHost(memory);
            _context.Fail(status, "making an event");
        }

        Slot slot = new(memory, done);
        _slots.Add(slot);
        return slot;
    }

    private enum SlotState
    {
        Free,
        Pending,
        Captured,
    }

    private sealed class Slot(void* memory, nint @event)
    {
        public void* Memory { get; } = memory;

        public nint Event { get; } = @event;

        public SlotState State { get; set; }
    }
}
