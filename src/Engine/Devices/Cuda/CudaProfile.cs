namespace Engine;

/// <summary>Times launches by an event before and one after each. Events are used again once their times are read.</summary>
internal sealed unsafe class CudaProfile : IDisposable
{
    private const uint WithTiming = 0;

    // Reading waits, so it is done rarely, and the events do not pile up.
    private const int MostPending = 1024;
    private readonly CudaContext _context;
    private readonly ProfileLog _log;
    private readonly Stack<nint> _free = new();
    private readonly List<(int Launch, nint Start, nint End)> _launches = [];

    // The end of the launch whose time was read last, and when that was: a driver only says how long it is from one event to
    // the next, in float32, which is exact enough for short times alone.
    private nint _last;
    private double _lastNanoseconds;

    /// <summary>A profile that writes to <paramref name="log"/>.</summary>
    public CudaProfile(CudaContext context, ProfileLog log)
    {
        _context = context;
        _log = log;
    }

    /// <summary>Marks the time before a launch.</summary>
    public nint Start() => Mark();

    /// <summary>Marks the time after the launch.</summary>
    public void End(nint start)
    {
        _launches.Add((_log.Present, start, Mark()));
        if (_launches.Count == MostPending)
        {
            Collect();
        }
    }

    /// <summary>Waits for the launches and writes down when they ran.</summary>
    public void Collect()
    {
        _context.Synchronize();
        foreach ((int launch, nint start, nint end) in _launches)
        {
            double began = _lastNanoseconds + (_last == 0 ? 0 : Elapsed(_last, start));
            double ended = began + Elapsed(start, end);
            _log.Time(launch, (long)began, (long)ended - (long)began);
            _free.Push(start);
            Keep(end, ended);
        }

        _launches.Clear();
    }

    /// <summary>Destroys the events.</summary>
    public void Dispose()
    {
        if (_context.TryEnter())
        {
            Keep(0, 0);
            foreach (nint e in _free.Concat(_launches.SelectMany(l => new[] { l.Start, l.End })))
            {
                _ = _context.Driver.EventDestroy(e);
            }
        }
    }

    private void Keep(nint last, double nanoseconds)
    {
        if (_last != 0)
        {
            _free.Push(_last);
        }

        _last = last;
        _lastNanoseconds = nanoseconds;
    }

    private double Elapsed(nint from, nint to)
    {
        float milliseconds;
        _context.Check(_context.Driver.EventElapsedTime(&milliseconds, from, to), "reading a time");
        return milliseconds * 1e6;
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
