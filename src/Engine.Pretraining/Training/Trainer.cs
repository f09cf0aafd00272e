using System.Diagnostics;
using Engine.Nn;
using Engine.Optim;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Logs;
using Engine.Pretraining.Objectives;

namespace Engine.Pretraining.Training;

/// <summary>
/// The training loop, in one visible order: evaluate, batch, forward, backward, clip, step, log, checkpoint. It knows nothing of the
/// model or the data beyond an <see cref="IObjective"/>.
/// </summary>
public sealed class Trainer : IDisposable
{
    private readonly PretrainConfig _config;
    private readonly Module _model;
    private readonly IObjective _objective;
    private readonly Optimizer _optimizer;
    private readonly Schedule _schedule;
    private readonly GradientClipping _clipping;
    private readonly RunFolder _run;
    private readonly ITrainingObserver _observer;
    private readonly StepScope _step;
    private readonly StepScope _evaluation;
    private readonly Parameter[] _parameters;
    private readonly Throughput _throughput = new();
    private readonly Tensor _lossSum;
    private readonly LaunchGraph _gradients;
    private readonly LaunchGraph _update;
    private readonly Action _computeGradients;
    private readonly Action _applyGradients;
    private LossScaler? _scaler;
    private ulong _fingerprint;
    private long _batch;
    private long _tokens;

    /// <summary>A trainer; nothing runs before <see cref="Run"/>.</summary>
    public Trainer(PretrainConfig config, Module model, IObjective objective, Optimizer optimizer, RunFolder run, ITrainingObserver observer)
    {
        _config = config;
        _model = model;
        _objective = objective;
        _optimizer = optimizer;
        _run = run;
        _observer = observer;
        _schedule = LearningRates.From(config);
        _clipping = new GradientClipping(model.Parameters);
        _step = new StepScope(model.Device, recording: true, config.Seed);
        _evaluation = new StepScope(model.Device, recording: false, config.Seed);
        _parameters = [.. model.Parameters];
        _lossSum = Tensor.Zeros(model.Device, [], tag: "loss");
        _gradients = config.CudaGraphs ? model.Device.CreateGraph() : new LaunchGraph();
        _update = config.CudaGraphs ? model.Device.CreateGraph() : new LaunchGraph();
        _computeGradients = ComputeGradients;
        _applyGradients = ApplyGradients;
    }

    /// <summary>Writes a checkpoint of the present state; set by the run's owner, who knows config and tokenizer.</summary>
    public required Func<Checkpoint.State, string> SaveCheckpoint { get; init; }

    /// <summary>Told of the steps done when the run has ended and everything is on disk; null for nothing.</summary>
    public Action<long>? WriteReport { get; init; }

    /// <summary>Text from the model as it stands, for the samples of a run; null for none.</summary>
    public Func<long, string>? WriteSample { get; init; }

    /// <summary>Whether the model can be given a prompt, for the report at the end.</summary>
    public bool WritesText { get; init; } = true;

    /// <summary>Profiles some of the steps; null for none.</summary>
    internal StepProfiler? Profiler { get; init; }

    /// <summary>Runs from a state to the last step, or until asked to stop; saves before it returns.</summary>
    /// <param name="state">A fresh run's, or that of the checkpoint resumed from.</param>
    /// <param name="stop">Ends the run after the step in progress.</param>
    /// <returns>The state at the end.</returns>
    /// <exception cref="EngineException">The loss is not finite, or the disk cannot be written.</exception>
    public Checkpoint.State Run(Checkpoint.State state, CancellationToken stop = default)
    {
        long started = Stopwatch.GetTimestamp();
        long step = state.Step;
        long saved = step;
        double validationLoss = state.ValidationLoss;
        _fingerprint = state.DataFingerprint;
        _scaler = !Precisions.NeedsLossScaling(_config.Precision) ? null
            : state.LossScaling is { } scaling ? new LossScaler(scaling) : new LossScaler();
        _step.Random.Position = state.RandomPosition;
        using RunLog log = RunLog.Open(_run, step);
        if (step == 0)
        {
            validationLoss = Evaluate(step, log);
        }

        while (step < _config.MaxSteps && !stop.IsCancellationRequested)
        {
            Profiler?.BeforeStep(step);
            _throughput.Start();
            StepReport report = Step(step);
            step++;
            using (Device.Span("log"))
            {
                log.Write(report);
                _observer.OnStep(report);
            }

            bool last = step == _config.MaxSteps;
            if (last || Due(step, _config.EvalInterval))
            {
                validationLoss = Evaluate(step, log);
            }

            if (last || Due(step, _config.SampleEvery))
            {
                Sample(step, log);
            }

            if (last || Due(step, _config.CheckpointEvery))
            {
                log.Flush();
                Save(step, validationLoss);
                saved = step;
            }
        }

        if (saved != step || step == 0)
        {
            log.Flush();
            Save(step, validationLoss);
        }

        log.Flush();
        WriteReport?.Invoke(step);
        if (Profiler is { } profiler)
        {
            _observer.OnProfile(profiler.Finish(step));
        }

        _observer.OnFinish(new RunEnd(step, step >= _config.MaxSteps, validationLoss, Stopwatch.GetElapsedTime(started), _run.Path, WritesText));
        return StateAt(step, validationLoss);
    }

    /// <summary>Frees the step scopes.</summary>
    public void Dispose()
    {
        _step.Dispose();
        _evaluation.Dispose();
        _clipping.Dispose();
        _lossSum.Dispose();
        _gradients.Dispose();
        _update.Dispose();
    }

    private Device Device => _model.Device;

    private static bool Due(long step, int interval) => interval > 0 && step % interval == 0;

    // One step, after so many: batch, forward, backward, clip, step.
    private StepReport Step(long done)
    {
        using ProfileSpan span = Device.Span("step", SpanKind.Step);
        Device.Memory.ResetPeak();
        if (_objective is ISelfStepping self)
        {
            (double ownLoss, double rate) = self.Step(_step, done);
            _throughput.Stop(_objective.TokensPerBatch);
            return new StepReport(
                done + 1, _config.MaxSteps, (float)ownLoss, 0f, (float)rate, _throughput.TokensPerSecond, _throughput.Remaining(_config.MaxSteps - done - 1),
                Device.Memory.PeakBytes);
        }

        _batch = done * _config.GradientAccumulationSteps;
        _tokens = 0;
        _gradients.Run(_computeGradients);
        float loss;
        float gradNorm;
        using (Device.Span("read"))
        {
            loss = _lossSum.Item() / _config.GradientAccumulationSteps;
            gradNorm = _clipping.Norm.Item();
        }

        _optimizer.LearningRate = _schedule.At(done);
        if (MayStep(loss, gradNorm, done))
        {
            _update.Run(_applyGradients);
        }

        _optimizer.ZeroGrad();
        _throughput.Stop(_tokens);
        return new StepReport(
            done + 1, _config.MaxSteps, loss, gradNorm, (float)_optimizer.LearningRate, _throughput.TokensPerSecond,
            _throughput.Remaining(_config.MaxSteps - done - 1), Device.Memory.PeakBytes, _scaler?.Present);
    }

    // Micro-batches add up in the parameters' gradients; the optimizer's GradScale makes the sum a mean and undoes loss scaling.
    // Nothing is read back on the way, so a device may gather these launches (LaunchGraph) or run behind.
    private void ComputeGradients()
    {
        int micros = _config.GradientAccumulationSteps;
        double scale = _scaler?.Scale ?? 1;
        _optimizer.GradScale = 1.0 / (micros * scale);
        _lossSum.ZeroInPlace();
        for (int micro = 0; micro < micros; micro++)
        {
            Tensor loss = _objective.TrainingLoss(_step, _batch + micro);
            _tokens += _objective.TokensPerBatch;
            _lossSum.AddInPlace(loss);
            _step.Backward(loss, (float)scale);
            _step.Clear();
        }

        _clipping.Measure(_config.GradClip > 0 ? _config.GradClip : double.PositiveInfinity, _optimizer.GradScale);
    }

    private void ApplyGradients() => _optimizer.Step(_clipping.Scale);

    private double Evaluate(long step, RunLog log)
    {
        using ProfileSpan span = Device.Span("evaluate");
        if (_objective.EvaluationBatches == 0)
        {
            return double.NaN;
        }

        EvaluationReport report = Evaluation.Of(_objective, _evaluation, step);
        log.Write(report);
        _observer.OnEvaluation(report);
        return report.Loss;
    }

    private void Sample(long step, RunLog log)
    {
        using ProfileSpan span = Device.Span("sample");
        if (WriteSample?.Invoke(step) is { } text)
        {
            Directory.CreateDirectory(_run.SamplesFolder);
            File.WriteAllText(Path.Combine(_run.SamplesFolder, $"step-{step:0000000}.txt"), text);
            SampleReport report = new(step, text);
            log.Write(report);
            _observer.OnSample(report);
        }
    }

    private void Save(long step, double validationLoss)
    {
        using ProfileSpan span = Device.Span("checkpoint");
        _observer.OnCheckpoint(new CheckpointReport(step, SaveCheckpoint(StateAt(step, validationLoss))));
    }

    private Checkpoint.State StateAt(long step, double validationLoss) => new(step, _step.Random.Position, validationLoss, _fingerprint, _scaler?.Present);

    // With loss scaling an overflow is no accident until not even unscaled gradients fit.
    private bool MayStep(float loss, float gradNorm, long step)
    {
        bool finite = float.IsFinite(loss) && float.IsFinite(gradNorm);
        if (_scaler is null || _scaler.Scale <= 1)
        {
            ThrowIfNotFinite(loss, gradNorm, step);
        }

        return _scaler?.Update(finite) ?? true;
    }

    private void ThrowIfNotFinite(float loss, float gradNorm, long step)
    {
        if (float.IsFinite(loss) && float.IsFinite(gradNorm))
        {
            return;
        }

        (string name, float size) = LargestGradient();
        IReadOnlyList<long> checkpoints = RunFolder.CheckpointsIn(_run.Path);
        string last = checkpoints.Count > 0 ? RunFolder.CheckpointPath(_run.Path, checkpoints[^1]) : "none";
        throw new EngineException(
            $"The loss is not finite at step {step + 1} (loss {loss}, gradient norm {gradNorm}). Largest gradient: {name} ({size}). " +
            $"Last good checkpoint: {last}. Try a lower learning_rate or a longer warmup_steps.");
    }

    private (string Name, float Size) LargestGradient()
    {
        (string Name, float Size) largest = ("none", 0f);
        foreach (Parameter parameter in _parameters.Where(p => p.Grad.IsDefined))
        {
            // MathF.Max keeps NaN, so a NaN counts as larger than any number.
            float size = parameter.Grad.ToArray().Aggregate(0f, (max, g) => MathF.Max(max, MathF.Abs(g)));
            if (float.IsNaN(size) || size > largest.Size)
            {
                largest = (parameter.Name, size);
            }

            if (float.IsNaN(size))
            {
                break;
            }
        }

        return largest;
    }
}
