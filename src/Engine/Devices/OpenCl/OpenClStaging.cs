using System.Runtime.InteropServices;

namespace Engine;

/// <summary>
/// Host memory through which short copies to the device go, so that the caller's memory is free at once although the copy
/// waits its turn in the queue. A slot is used again when the event of its copy has ended. Its owner keeps threads apart.
/// </summary>
internal sealed unsafe class OpenClStaging(OpenClApi api) : IDisposable
{
    private const int Slots = 8;
    private const long SlotBytes = 1 << 20;

    private readonly nint[] _memory = new nint[Slots];
    private readonly nint[] _events = new nint[Slots];
    private int _next;

    /// <summary>Queues a copy that fits a slot; longer ones are left to the caller, who may as well wait for them.</summary>
    public int TryWrite(nint queue, nint buffer, long offset, void* source, long bytes, out bool staged)
    {
        const uint NotBlocking = 0;
        staged = bytes <= SlotBytes;
        if (!staged)
        {
            return OpenClStatus.Success;
        }

        int slot = _next;
        _next = (_next + 1) % Slots;
        if (_memory[slot] == 0)
        {
            _memory[slot] = (nint)NativeMemory.AlignedAlloc((nuint)SlotBytes, 64);
        }

        // An error of the copy before is told by the queue's next wait.
        Release(slot);
        Buffer.MemoryCopy(source, (void*)_memory[slot], SlotBytes, bytes);
        nint done;
        int status = api.EnqueueWriteBuffer(queue, buffer, NotBlocking, (nuint)offset, (nuint)bytes, (void*)_memory[slot], 0, null, &done);
        if (status == OpenClStatus.Success)
        {
            _events[slot] = done;
        }

        return status;
    }

    /// <summary>Waits for the copies under way and frees the slots.</summary>
    public void Dispose()
    {
        for (int slot = 0; slot < Slots; slot++)
        {
            Release(slot);
            NativeMemory.AlignedFree((void*)_memory[slot]);
            _memory[slot] = 0;
        }
    }

    private void Release(int slot)
    {
        if (_events[slot] != 0)
        {
            nint done = _events[slot];
            _ = api.WaitForEvents(1, &done);
            _ = api.ReleaseEvent(done);
            _events[slot] = 0;
        }
    }
}
