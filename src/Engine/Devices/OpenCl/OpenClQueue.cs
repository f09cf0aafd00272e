namespace Engine;

/// <summary>
/// The in-order queue of a device. Launches and short copies to the device return at once; what goes wrong with them later is
/// told by the next wait, with the name of the kernel whose event carries the error.
/// </summary>
internal sealed unsafe class OpenClQueue : IDisposable
{
    // Launches whose event is kept; an error of an older one is still told, without its name.
    private const int Kept = 256;
    private const int LaunchesPerFlush = 16;
    private const ulong ProfilingEnable = 2;
    private const uint CommandExecutionStatus = 0x11D3;

    private readonly Lock _lock = new();
    private readonly OpenClApi _api;
    private readonly nint _context;
    private readonly nint _deviceId;
    private readonly string _device;
    private readonly KernelDescriptor?[] _kernels = new KernelDescriptor?[Kept];
    private readonly nint[] _events = new nint[Kept];
    private readonly OpenClStaging _staging;
    private nint _queue;
    private long _launches;

    // Launches up to this one have ended well, or their error has been told.
    private long _told;
    private OpenClProfile? _profile;

    /// <summary>A queue on a device of a context.</summary>
    public OpenClQueue(OpenClApi api, nint context, nint deviceId, string device)
    {
        _api = api;
        _context = context;
        _deviceId = deviceId;
        _device = device;
        _queue = Create(0);
        _staging = new OpenClStaging(api);
    }

    /// <summary>Starts a kernel whose arguments are set: <paramref name="blocks"/> work-groups of <paramref name="lanes"/> lanes.</summary>
    public void Launch(KernelDescriptor kernel, nint handle, long blocks, int lanes)
    {
        nuint local = (nuint)lanes;
        nuint global = (nuint)blocks * local;
        nint done;
        lock (_lock)
        {
            int status = _api.EnqueueNDRangeKernel(_queue, handle, 1, null, &global, &local, 0, null, &done);
            if (status != OpenClStatus.Success)
            {
                throw Failure($"{kernel.Name} cannot be started with {blocks} blocks of {lanes} lanes", status);
            }

            if (_profile is not null)
            {
                _profile.Add(done);
                return;
            }

            int place = (int)(_launches % Kept);
            if (_events[place] != 0)
            {
                _ = _api.ReleaseEvent(_events[place]);
            }

            _events[place] = done;
            _kernels[place] = kernel;

            // Some drivers hand nothing to the device before they are told to.
            if (++_launches % LaunchesPerFlush == 0)
            {
                Check(_api.Flush(_queue), "its queue cannot be flushed");
            }
        }
    }

    /// <summary>Copies host memory to a buffer; the host memory may change when this returns.</summary>
    public void Write(nint buffer, long offset, void* source, long bytes)
    {
        const uint Blocking = 1;
        lock (_lock)
        {
            int status = _staging.TryWrite(_queue, buffer, offset, source, bytes, out bool staged);
            if (!staged)
            {
                status = _api.EnqueueWriteBuffer(_queue, buffer, Blocking, (nuint)offset, (nuint)bytes, source, 0, null, null);
            }

            if (status != OpenClStatus.Success)
            {
                throw Failure($"{Bytes.Format(bytes)} cannot be copied to it", status);
            }
        }
    }

    /// <summary>Copies a buffer to host memory, after everything queued before, and waits for it.</summary>
    public void Read(nint buffer, long offset, void* target, long bytes)
    {
        const uint Blocking = 1;
        long before = Interlocked.Read(ref _launches);
        int status = _api.EnqueueReadBuffer(_queue, buffer, Blocking, (nuint)offset, (nuint)bytes, target, 0, null, null);
        lock (_lock)
        {
            if (status != OpenClStatus.Success || Culprit(out _) is not null)
            {
                throw Failure($"{Bytes.Format(bytes)} cannot be copied from it", status);
            }

            _told = before;
        }
    }

    /// <summary>Waits for everything queued.</summary>
    public void Finish()
    {
        long before = Interlocked.Read(ref _launches);
        int status = _api.Finish(_queue);
        lock (_lock)
        {
            if (status != OpenClStatus.Success || Culprit(out _) is not null)
            {
                throw Failure("its work cannot be finished", status);
            }

            _told = before;
        }
    }

    /// <summary>Times every launch from here on into <paramref name="log"/>.</summary>
    public void BeginProfile(ProfileLog log)
    {
        Finish();
        lock (_lock)
        {
            Swap(ProfilingEnable);
            _profile = new OpenClProfile(_api, log);
        }
    }

    /// <summary>Ends <see cref="BeginProfile"/>: waits, and adds what the kernels took.</summary>
    public void EndProfile()
    {
        Finish();
        lock (_lock)
        {
            _profile?.Collect();
            _profile = null;
            Swap(0);
        }
    }

    /// <summary>Releases the queue; what is queued runs to its end.</summary>
    public void Dispose()
    {
        _staging.Dispose();
        Forget();
        _ = _api.ReleaseCommandQueue(_queue);
    }

    private nint Create(ulong properties)
    {
        int status;
        nint queue = _api.CreateCommandQueue(_context, _deviceId, properties, &status);
        return status == OpenClStatus.Success ? queue : throw new EngineException($"{_device}: its queue cannot be made: {OpenClStatus.Describe(status)}.");
    }

    private void Swap(ulong properties)
    {
        nint next = Create(properties);
        _ = _api.ReleaseCommandQueue(_queue);
        _queue = next;
    }

    private void Check(int status, string what)
    {
        if (status != OpenClStatus.Success)
        {
            throw Failure(what, status);
        }
    }

    private EngineException Failure(string what, int status)
    {
        KernelDescriptor? culprit = Culprit(out int itsStatus);
        string cause = culprit is null
            ? OpenClStatus.Describe(status)
            : $"{culprit.Name} ({culprit.Source!.File}), launched before, failed on the device: {OpenClStatus.Describe(itsStatus)}";
        _told = _launches;
        return new EngineException($"{_device}: {what}: {cause}.");
    }

    // The oldest launch whose event ended in an error: those after it may have failed because of it. Some drivers wait and copy
    // in silence after an error, so every wait asks the events of the launches since the last one.
    private KernelDescriptor? Culprit(out int status)
    {
        for (long launch = Math.Max(_told, _launches - Kept); launch < _launches; launch++)
        {
            int place = (int)(launch % Kept);
            int state = 0;
            if (_events[place] != 0
                && _api.GetEventInfo(_events[place], CommandExecutionStatus, sizeof(int), &state, null) == OpenClStatus.Success
                && state < 0)
            {
                status = state;
                return _kernels[place];
            }
        }

        status = OpenClStatus.Success;
        return null;
    }

    private void Forget()
    {
        for (int place = 0; place < Kept; place++)
        {
            if (_events[place] != 0)
            {
                _ = _api.ReleaseEvent(_events[place]);
                _events[place] = 0;
            }
        }
    }
}
