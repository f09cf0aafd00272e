using Engine.Optim;
using Engine.Pretraining.Objectives;

namespace Engine.Pretraining.Training;

/// <summary>Told of everything a run does, in order, on the training thread. The console and tests implement it.</summary>
public interface ITrainingObserver
{
    /// <summary>The run is about to take its first step, or has just resumed.</summary>
    void OnStart(in RunStart start);

    /// <summary>A step is done.</summary>
    void OnStep(in StepReport step);

    /// <summary>The evaluation set has been run.</summary>
    void OnEvaluation(in EvaluationReport evaluation);

    /// <summary>A checkpoint is complete on disk.</summary>
    void OnCheckpoint(in CheckpointReport checkpoint);

    /// <summary>Text written by the model.</summary>
    void OnSample(in SampleReport sample);

    /// <summary>The profile that was asked for; comes just before the end of the run.</summary>
    void OnProfile(in ProfileReport profile)
    {
        // Only who offers profiles has to show them.
    }

    /// <summary>The run has ended, at its last step or because it was asked to stop.</summary>
    void OnFinish(in RunEnd end);
}

/// <summary>How a run begins.</summary>
/// <param name="Folder">The run folder.</param>
/// <param name="Device">Name of the device.</param>
/// <param name="ParameterCount">Trainable values.</param>
/// <param name="FirstStep">0, or the step of the checkpoint resumed from.</param>
/// <param name="MaxSteps">Steps of the whole run.</param>
/// <param name="TokensPerStep">Tokens in one step.</param>
/// <param name="TrainTokens">Tokens of the training split.</param>
/// <param name="ValidationTokens">Tokens of the validation split.</param>
/// <param name="Precision"><c>fp32</c>, <c>bf16</c> or <c>fp16</c>.</param>
/// <param name="DeviceChoice">If the device was left to <c>auto</c>: which it is and why not another. Else empty.</param>
/// <param name="Origin">What the weights begin with if not at random (<c>init_from</c>). Else empty.</param>
public readonly record struct RunStart(
    string Folder, string Device, long ParameterCount, long FirstStep, long MaxSteps, long TokensPerStep, long TrainTokens, long ValidationTokens,
    string Precision = "fp32", string DeviceChoice = "", string Origin = "");

/// <summary>One finished step.</summary>
/// <param name="Step">Steps done, from 1.</param>
/// <param name="MaxSteps">Steps of the whole run.</param>
/// <param name="Loss">Mean training loss of the step's batches, in nats.</param>
/// <param name="GradNorm">Global gradient norm before clipping; not finite if the step was skipped.</param>
/// <param name="LearningRate">The step's learning rate.</param>
/// <param name="TokensPerSecond">Throughput over the recent steps, evaluation and checkpoints not counted.</param>
/// <param name="Remaining">Estimated time to the end of the run.</param>
/// <param name="MemoryBytes">Device memory that the step's tensors held at most, weights and optimizer included.</param>
/// <param name="LossScaling">Loss scale of the next step and steps skipped so far, in fp16; otherwise null.</param>
public readonly record struct StepReport(
    long Step, long MaxSteps, float Loss, float GradNorm, float LearningRate, double TokensPerSecond, TimeSpan Remaining,
    long MemoryBytes = 0, LossScaler.State? LossScaling = null);

/// <summary>One run over the evaluation set.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Loss">Mean validation loss, in nats.</param>
/// <param name="Batches">Batches averaged over.</param>
/// <param name="Figures">What else the objective measured; null for nothing.</param>
public readonly record struct EvaluationReport(long Step, double Loss, int Batches, IReadOnlyList<EvaluationFigure>? Figures = null);

/// <summary>One complete checkpoint.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Path">Its folder.</param>
public readonly record struct CheckpointReport(long Step, string Path);

/// <summary>Text from the model.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Text">The text, prompt included.</param>
public readonly record struct SampleReport(long Step, string Text);

/// <summary>Where the time of some steps went.</summary>
/// <param name="Device">The device's name.</param>
/// <param name="FirstStep">The first step profiled, from 1.</param>
/// <param name="Steps">Steps profiled; 0 if the run ended before the first.</param>
/// <param name="Table">The time by op, of all these steps and of what happened between them; null without steps.</param>
/// <param name="TraceFile">The trace; empty without steps.</param>
public readonly record struct ProfileReport(string Device, long FirstStep, long Steps, ProfileTable? Table, string TraceFile);

/// <summary>How a run ended.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Completed">False if it was asked to stop before its last step.</param>
/// <param name="ValidationLoss">The last validation loss; NaN if none was computed.</param>
/// <param name="Elapsed">Wall time of this process's part of the run.</param>
/// <param name="Folder">The run folder.</param>
/// <param name="WritesText">Whether the model can be given a prompt.</param>
public readonly record struct RunEnd(long Step, bool Completed, double ValidationLoss, TimeSpan Elapsed, string Folder, bool WritesText = true);
