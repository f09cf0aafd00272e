using System.Diagnostics;
using System.Text;
using Engine.Optim;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Logs;
using Engine.Pretraining.Models;
using Engine.Pretraining.Objectives;
using Engine.Pretraining.Tokenizers;
using Engine.Serialization;

namespace Engine.Pretraining.Training;

/// <summary>
/// Puts a run together from its configuration — data, model, objective, optimizer, trainer — and starts or resumes it. This
/// is what <c>engine pretrain</c> calls.
/// </summary>
public sealed class PretrainRun : IDisposable
{
    private readonly PretrainConfig _config;
    private readonly RunFolder _folder;
    private readonly ITrainingObserver _observer;
    private readonly Device _device;
    private readonly PretrainTask _task;
    private readonly Optimizer _optimizer;
    private readonly string _tokenizer;
    private readonly string _json;
    private readonly string _choice;
    private readonly ProfileOptions? _profile;
    private string _origin = string.Empty;

    private PretrainRun(
        PretrainConfig config, RunFolder folder, ITrainingObserver observer, ProfileOptions? profile, Device device, string choice, PretrainTask task)
    {
        _config = config;
        _folder = folder;
        _observer = observer;
        _device = device;
        _choice = choice;
        _profile = profile;
        _task = task;
        _task.Model.StoreAs(Precisions.StorageOf(config.Precision));
        _optimizer = _task.Objective is ISelfStepping ? new Sgd([new ParameterGroup(_task.Model.Parameters)], config.LearningRate) : Optimizers.From(config, _task.Model);
        _tokenizer = TokenizerFile.ToJson(task.Tokenizer);
        _json = config.ToJson();
    }

    /// <summary>Starts a run in a new folder and takes it to its last step, or until it is asked to stop.</summary>
    /// <param name="config">The validated configuration.</param>
    /// <param name="path">The run folder; must not hold a run.</param>
    /// <param name="observer">Told of everything.</param>
    /// <param name="profile">Which steps to profile; null for none.</param>
    /// <param name="stop">Ends the run after the step in progress, saved.</param>
    /// <exception cref="EngineException">Corpus, folder or device cannot be used, or the loss is not finite.</exception>
    public static void Start(PretrainConfig config, string path, ITrainingObserver observer, ProfileOptions? profile = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(config);
        profile?.RequireWritable();
        using Device device = Device.Open(config.Device, config.Threads, out string choice);
        StartOn(device, choice, config, path, observer, profile, stop);
    }

    /// <summary>The same on a device that is open already.</summary>
    /// <param name="device">The device; what the configuration says is not looked at.</param>
    /// <param name="choice">Why this device; empty if it was named.</param>
    /// <param name="config">The validated configuration.</param>
    /// <param name="path">The run folder; must not hold a run.</param>
    /// <param name="observer">Told of everything.</param>
    /// <param name="profile">Which steps to profile; null for none.</param>
    /// <param name="stop">Ends the run after the step in progress, saved.</param>
    internal static void StartOn(
        Device device, string choice, PretrainConfig config, string path, ITrainingObserver observer, ProfileOptions? profile = null,
        CancellationToken stop = default)
    {
        using PretrainTask task = Begin(device, ref config, out string origin);
        using RunFolder folder = RunFolder.Create(path);
        using PretrainRun run = new(config, folder, observer, profile, device, choice, task) { _origin = origin };
        AtomicFile.Write(folder.ConfigFile, stream => stream.Write(Encoding.UTF8.GetBytes(run._json)));
        run.Go(new Checkpoint.State(0, 0, double.NaN, task.Fingerprint), stop);
    }

    /// <summary>Continues a run from its newest checkpoint; every later loss is the one the uninterrupted run would have had.</summary>
    /// <param name="config">The run's configuration (<see cref="ConfigOf"/>), perhaps with more steps.</param>
    /// <param name="path">The run folder.</param>
    /// <param name="observer">Told of everything.</param>
    /// <param name="profile">Which steps to profile; null for none.</param>
    /// <param name="stop">Ends the run after the step in progress, saved.</param>
    /// <exception cref="EngineException">The checkpoint is damaged, the corpus has changed, or the folder is in use.</exception>
    public static void Resume(PretrainConfig config, string path, ITrainingObserver observer, ProfileOptions? profile = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(config);
        profile?.RequireWritable();
        using RunFolder folder = RunFolder.Open(path);
        if (RunFolder.CheckpointsIn(folder.Path).Count == 0)
        {
            // Killed before its first checkpoint: the beginning is the state to resume from.
            using Device fresh = Device.Open(config.Device, config.Threads, out string why);
            using PretrainTask beginning = Begin(fresh, ref config, out string origin);
            using PretrainRun again = new(config, folder, observer, profile, fresh, why, beginning) { _origin = origin };
            again.Go(new Checkpoint.State(0, 0, double.NaN, beginning.Fingerprint), stop);
            return;
        }

        string checkpoint = RunFolder.LatestCheckpoint(folder.Path);
        ITokenizer tokenizer = Checkpoint.ReadTokenizer(checkpoint);
        using Device device = Device.Open(config.Device, config.Threads, out string choice);
        using PretrainTask task = Task(new TaskContext(device, config, tokenizer, Checkpoint.ReadState(checkpoint).DataFingerprint));
        using PretrainRun run = new(config, folder, observer, profile, device, choice, task);
        run.Go(Checkpoint.Load(checkpoint, task.Model, run._optimizer), stop);
    }

    /// <summary>The configuration that a run was started with.</summary>
    /// <exception cref="EngineException">There is no run, or its configuration is not valid.</exception>
    public static PretrainConfig ConfigOf(string path)
    {
        using RunFolder folder = RunFolder.Open(path);
        return ConfigFile.FromEntries(ConfigFile.ReadEntries(folder.ConfigFile), null);
    }

    /// <summary>Frees the optimizer; whoever made the task frees it.</summary>
    public void Dispose() => _optimizer.Dispose();

    // A run's first state: random weights, or those that it is to begin with.
    private static PretrainTask Begin(Device device, ref PretrainConfig config, out string origin)
    {
        origin = string.Empty;
        if (config.InitFrom.Length == 0)
        {
            return Task(new TaskContext(device, config));
        }

        using InitialWeights initial = InitialWeights.Open(config);
        config = initial.Shape(config);
        PretrainTask task = Task(new TaskContext(device, config, initial.Tokenizer));
        try
        {
            origin = initial.CopyTo(task.Model);
            return task;
        }
        catch
        {
            task.Dispose();
            throw;
        }
    }

    private static PretrainTask Task(TaskContext context) => ObjectiveCatalog.Get(context.Config.Objective).Create(context);

    private string Save(Checkpoint.State state)
    {
        string checkpoint = Checkpoint.Save(_folder, _task.Model, _optimizer, state, _json, _tokenizer, _config.KeepCheckpoints);
        _task.Export?.Invoke(_folder.Path);
        return checkpoint;
    }

    private void Go(Checkpoint.State state, CancellationToken stop)
    {
        RunStart start = new(
            _folder.Path,
            $"{_device.Name} ({_device.Capabilities.Isa}, {_device.Capabilities.ComputeUnits} {(_device is CpuDevice ? "threads" : "compute units")})",
            _task.Model.ParameterCount,
            state.Step,
            _config.MaxSteps,
            _task.Objective is ISelfStepping ? _task.Objective.TokensPerBatch : _config.TokensPerStep,
            _task.TrainingTokens,
            _task.ValidationTokens,
            _config.Precision,
            _choice,
            _origin);
        long begun = Stopwatch.GetTimestamp();
        RunFacts facts = RunFacts.Of(start, RunFacts.Read(_folder.Path));
        facts.Write(_folder.Path);
        using Trainer trainer = new(_config, _task.Model, _task.Objective, _optimizer, _folder, _observer)
        {
            SaveCheckpoint = Save,
            WriteReport = step => Report(step >= _config.MaxSteps ? RunState.Finished : RunState.Stopped),
            WriteSample = _config.SampleTokens > 0 ? _task.Sample : null,
            WritesText = _task.Model is CausalLanguageModel,
            Profiler = _profile is null ? null : new StepProfiler(_device, _profile, _folder, state.Step, _config.MaxSteps),
        };
        _observer.OnStart(start);
        try
        {
            trainer.Run(state, stop);
        }
        catch (EngineException)
        {
            ReportFailure();
            throw;
        }

        void Report(RunState how)
        {
            (facts with { State = how, Elapsed = facts.Elapsed + Stopwatch.GetElapsedTime(begun) }).Write(_folder.Path);
            RunReport.Write(_folder.Path);
        }

        void ReportFailure()
        {
            try
            {
                Report(RunState.Failed);
            }
            catch (EngineException)
            {
                // What ended the run matters more, and may be the reason.
            }
        }
    }
}
