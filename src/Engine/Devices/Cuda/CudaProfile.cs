namespace Engine;

/// <summary>Times launches by an event before and one after each. Events are used again once their times are read.</summary>
internal sealed unsafe class CudaProfile : IDisposable
{
    private const uint WithTiming = 0;

    // Reading waits, so it is done rarely, and the events do not pile up.
    private const int MostPending = 1024;
    private readonly CudaContext _context;
    private readonly KernelTimes _times;
    private readonly Stack<nint> _free = new();
    private readonly List<(KernelDescriptor Kernel, nint Start, nint End)> _launches = [];

    /// <summary>A profile that adds to <paramref name="times"/>.</summary>
    public CudaProfile(CudaContext context, KernelTimes times)
    {
        _context = context;
        _times = times;
    }

    /// <summary>Marks the time before a launch.</summary>
    public nint Start() => Mark();

    /// <summary>Marks the time after the launch.</summary>
    public void End(KernelDescriptor kernel, nint start)
    {
        _launches.Add((kernel, start, Mark()));
        if (_launches.Count == MostPending)
        {
            Collect();
        }
    }

    /// <summary>Waits for the launches and adds their times.</summary>
    public void Collect()
    {
        _context.Synchronize();
        foreach ((KernelDescriptor kernel, nint start, nint end) in _launches)
        {
            float milliseconds;
            _context.Check(_context.Driver.EventElapsedTime(&milliseconds, start, end), "reading a time");
            _times.Add(kernel, (long)(milliseconds * 1e6));
            _free.Push(start);
            _free.Push(end);
        }

        _launches.Clear();
    }

    /// <summary>Destroys the events.</summary>
    public void Dispose()
    {
        if (_context.TryEnter())
        {
            foreach (nint e in _free.Concat(_launches.SelectMany(l => new[] { l.Start, l.End })))
            {
                _ = _context.Driver.EventDestroy(e);
            }
        }
    }

    private nint Mark()
    {
        nint e;
        if (!_free.TryPop(out e))
        {
            _context.Check(_context.Driver.EventCreate(&e, WithTiming), "making an event");
        }

        _context.Check(_context.Driver.EventRecord(e, _context.Stream), "marking a time");
        return e;
    }
}
