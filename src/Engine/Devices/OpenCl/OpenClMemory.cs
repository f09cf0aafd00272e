namespace Engine;

/// <summary>
/// Gives buffers addresses. An OpenCL 1.2 buffer has none that the host may calculate with, so the engine makes them up:
/// the buffer's number from bit 40 on, the byte within it below. A view's address plus an offset is then another address,
/// and a launch finds the buffer again without searching.
/// </summary>
internal sealed unsafe class OpenClMemory
{
    private const int OffsetBits = 40;
    private const long OffsetMask = (1L << OffsetBits) - 1;
    private const ulong ReadWrite = 1;

    private readonly Lock _lock = new();
    private readonly OpenClApi _api;
    private readonly nint _context;
    private readonly long _limit;
    private readonly Stack<int> _unused = [];

    // Number 0 stays empty: address 0 is a view that does not exist, and buffer 0 is null.
    private nint[] _buffers = new nint[64];
    private int _count = 1;
    private long _bytes;

    /// <summary>The buffers of a context.</summary>
    /// <param name="api">The loader.</param>
    /// <param name="context">The context.</param>
    /// <param name="limit">Bytes they may have together; drivers that allocate late would notice in the middle of a step.</param>
    public OpenClMemory(OpenClApi api, nint context, long limit)
    {
        _api = api;
        _context = context;
        _limit = limit;
    }

    /// <summary>A buffer's address; 0 if there is no memory left.</summary>
    public nint Allocate(long bytes)
    {
        lock (_lock)
        {
            if (_bytes + bytes > _limit)
            {
                return 0;
            }

            int status;
            nint buffer = _api.CreateBuffer(_context, ReadWrite, (nuint)bytes, null, &status);
            if (status != OpenClStatus.Success)
            {
                return OpenClStatus.IsOutOfMemory(status)
                    ? 0
                    : throw new EngineException($"opencl: a buffer of {Bytes.Format(bytes)} cannot be made: {OpenClStatus.Describe(status)}.");
            }

            _bytes += bytes;
            int number = _unused.Count > 0 ? _unused.Pop() : _count++;
            if (number == _buffers.Length)
            {
                // Readers hold the old array or the new one; both have what they look for.
                nint[] larger = new nint[2 * _buffers.Length];
                _buffers.CopyTo(larger, 0);
                _buffers = larger;
            }

            _buffers[number] = buffer;
            return (nint)((long)number << OffsetBits);
        }
    }

    /// <summary>Gives a buffer back. The driver keeps it until the work queued on it is done.</summary>
    public void Free(nint address, long bytes)
    {
        lock (_lock)
        {
            int number = (int)(address >> OffsetBits);
            _ = _api.ReleaseMemObject(_buffers[number]);
            _buffers[number] = 0;
            _unused.Push(number);
            _bytes -= bytes;
        }
    }

    /// <summary>The buffer at an address, 0 for none, and the byte within it.</summary>
    public nint Resolve(long address, out long offset)
    {
        offset = address & OffsetMask;
        return _buffers[address >> OffsetBits];
    }
}
