using Engine.Serialization;

namespace Engine.Pretraining.Training;

/// <summary>
/// Profiles a stretch of a run: after a few steps of warm-up, a number of steps with all that happens between them. The trace is
/// written as soon as they are over, the report comes at the end of the run.
/// </summary>
internal sealed class StepProfiler
{
    // Against steps of many micro-batches and evaluations of many batches: about 100 MB.
    private const int MostLaunches = 1_000_000;
    private readonly Device _device;
    private readonly ProfileOptions _options;
    private readonly RunFolder _run;
    private readonly long _warmup;
    private readonly long _first;
    private DeviceProfile? _profile;
    private EngineException? _failure;
    private long _begun = -1;
    private long _steps;

    /// <summary>A profiler of a run that goes from one step to another.</summary>
    public StepProfiler(Device device, ProfileOptions options, RunFolder run, long firstStep, long maxSteps)
    {
        _device = device;
        _options = options;
        _run = run;
        _warmup = Math.Clamp(maxSteps - firstStep - 1, 0, ProfileOptions.WarmupSteps);
        _first = firstStep + _warmup;
    }

    private string TraceFile => _options.TraceFile ?? _run.TraceFile;

    /// <summary>A step is about to begin, after so many.</summary>
    public void BeforeStep(long step)
    {
        if (step == _first - 1 && _warmup > 0)
        {
            // The profile's own code warms up too.
            _device.BeginProfile();
        }
        else if (step == _first)
        {
            if (_warmup > 0)
            {
                _ = _device.EndProfile();
            }

            _device.BeginProfile();
            _begun = step;
        }
        else if (_begun >= 0 && _profile is null && (step - _begun == _options.Steps || _device.ProfiledLaunches > MostLaunches))
        {
            End(step);
        }
    }

    /// <summary>The run is over after so many steps.</summary>
    /// <exception cref="EngineException">The trace could not be written.</exception>
    public ProfileReport Finish(long step)
    {
        if (_begun >= 0 && _profile is null)
        {
            End(step);
        }

        return _failure is not null ? throw _failure
            : _profile is not null ? new ProfileReport(_device.Name, _begun + 1, _steps, new ProfileTable(_profile), TraceFile)
            : new ProfileReport(_device.Name, _first + 1, 0, null, string.Empty);
    }

    private void End(long step)
    {
        _profile = _device.EndProfile();
        _steps = step - _begun;
        try
        {
            AtomicFile.Write(TraceFile, stream => ChromeTrace.Write(stream, _profile, $"engine pretrain on {_device.Name}"));
        }
        catch (EngineException e)
        {
            // No reason to lose the run.
            _failure = e;
        }
    }
}
