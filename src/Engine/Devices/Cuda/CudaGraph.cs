namespace Engine;

/// <summary>
/// A training step as a CUDA graph. Every repetition is captured anew and the executable graph of the one before is updated
/// to it: whatever differs between steps — rates, random positions, batches, addresses — is then right without anybody having
/// to name it, and capturing costs the host no more than launching. Where the shape of the work changes, the graph is made anew.
/// </summary>
/// <remarks>The first run is not captured: it compiles the kernels and fills the pool of memory.</remarks>
internal sealed unsafe class CudaGraph : LaunchGraph
{
    // Other threads may allocate meanwhile, and so may the captured work itself.
    private const int RelaxedMode = 2;
    private readonly CudaContext _context;
    private readonly CudaMemory _memory;
    private readonly CudaStaging _staging;
    private readonly Func<bool> _enabled;
    private nint _executable;

    /// <summary>A graph on a device.</summary>
    /// <param name="context">The device.</param>
    /// <param name="memory">Its memory.</param>
    /// <param name="staging">Its staging.</param>
    /// <param name="enabled">Whether to capture; while kernels are timed each is launched by itself.</param>
    public CudaGraph(CudaContext context, CudaMemory memory, CudaStaging staging, Func<bool> enabled)
    {
        _enabled = enabled;
        _context = context;
        _memory = memory;
        _staging = staging;
    }

    /// <summary>Runs so far, the first one, which is not captured, included.</summary>
    public long Runs { get; private set; }

    /// <summary>How many of the runs had a graph made for them and did not fit the one there was.</summary>
    public long Instantiations { get; private set; }

    /// <inheritdoc/>
    public override void Run(Action work)
    {
        ArgumentNullException.ThrowIfNull(work);
        if (Runs++ == 0 || _context.IsCapturing || !_enabled())
        {
            work();
            return;
        }

        Begin();
        bool done = false;
        try
        {
            work();
            done = true;
        }
        finally
        {
            // Without this the stream would stay in capture, and the error be hidden behind one about that.
            if (!done)
            {
                GiveUp();
            }
        }

        Start(End());
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (_executable != 0 && _context.TryEnter())
        {
            _ = _context.Driver.GraphExecDestroy(_executable);
        }

        _executable = 0;
        base.Dispose(disposing);
    }

    private void Begin()
    {
        _context.Enter();
        lock (_context.CaptureGate)
        {
            _context.Check(_context.Driver.StreamBeginCapture(_context.Stream, RelaxedMode), "beginning to capture a graph");
            _context.IsCapturing = true;
        }
    }

    private nint End()
    {
        nint graph = 0;
        int status;
        lock (_context.CaptureGate)
        {
            status = _context.Driver.StreamEndCapture(_context.Stream, &graph);
            _context.IsCapturing = false;
        }

        if (status != CudaStatus.Success)
        {
            _staging.DropCaptured();
            _memory.FreeLate();
            _context.Fail(status, "capturing a graph");
        }

        return graph;
    }

    private void GiveUp()
    {
        nint graph = 0;
        lock (_context.CaptureGate)
        {
            _ = _context.Driver.StreamEndCapture(_context.Stream, &graph);
            _context.IsCapturing = false;
        }

        if (graph != 0)
        {
            _ = _context.Driver.GraphDestroy(graph);
        }

        _staging.DropCaptured();
        _memory.FreeLate();
    }

    private void Start(nint graph)
    {
        try
        {
            Fit(graph);
            _context.Check(_context.Driver.GraphLaunch(_executable, _context.Stream), "launching a graph");
            _staging.MarkCaptured();
        }
        finally
        {
            _ = _context.Driver.GraphDestroy(graph);
            _staging.DropCaptured();
            _memory.FreeLate();
        }
    }

    // An update keeps the executable and changes the arguments of its nodes; it refuses a graph of another shape.
    private void Fit(nint graph)
    {
        if (_executable != 0)
        {
            nint node;
            int reason;
            if (_context.Driver.GraphExecUpdate(_executable, graph, &node, &reason) == CudaStatus.Success)
            {
                return;
            }

            _ = _context.Driver.GraphExecDestroy(_executable);
            _executable = 0;
        }

        nint executable;
        _context.Check(_context.Driver.GraphInstantiate(&executable, graph, 0), "making a graph");
        _executable = executable;
        Instantiations++;
    }
}
