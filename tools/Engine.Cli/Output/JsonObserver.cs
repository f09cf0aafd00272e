using Engine.Pretraining.Objectives;
using Engine.Pretraining.Training;

namespace Engine.Cli.Output;

/// <summary>One JSON object for each event, with its kind under <c>event</c>; every step is reported.</summary>
internal sealed class JsonObserver(TextWriter output, Action? started = null) : ITrainingObserver
{
    public void OnStart(in RunStart start)
    {
        started?.Invoke();
        RunStart s = start;
        JsonLines.Write(output, w =>
        {
            w.WriteString("event", "start");
            w.WriteString("run", s.Folder);
            w.WriteString("device", s.Device);
            w.WriteString("precision", s.Precision);
            w.WriteString("device_choice", s.DeviceChoice);
            w.WriteString("origin", s.Origin);
            w.WriteNumber("parameters", s.ParameterCount);
            w.WriteNumber("first_step", s.FirstStep);
            w.WriteNumber("max_steps", s.MaxSteps);
            w.WriteNumber("tokens_per_step", s.TokensPerStep);
            w.WriteNumber("train_tokens", s.TrainTokens);
            w.WriteNumber("val_tokens", s.ValidationTokens);
        });
    }

    public void OnStep(in StepReport step)
    {
        StepReport s = step;
        JsonLines.Write(output, w =>
        {
            w.WriteString("event", "step");
            w.WriteNumber("step", s.Step);
            w.WriteNumberOrNull("loss", s.Loss);
            w.WriteNumberOrNull("grad_norm", s.GradNorm);
            w.WriteNumberOrNull("learning_rate", s.LearningRate);
            w.WriteNumberOrNull("tokens_per_second", s.TokensPerSecond);
            w.WriteNumberOrNull("remaining_seconds", s.Remaining.TotalSeconds);
            w.WriteNumber("memory_bytes", s.MemoryBytes);
            if (s.LossScaling is { } scaling)
            {
                w.WriteNumber("loss_scale", scaling.Scale);
                w.WriteNumber("skipped_steps", scaling.SkippedSteps);
            }
        });
    }

    public void OnEvaluation(in EvaluationReport evaluation)
    {
        EvaluationReport e = evaluation;
        JsonLines.Write(output, w =>
        {
            w.WriteString("event", "evaluation");
            w.WriteNumber("step", e.Step);
            w.WriteNumberOrNull("val_loss", e.Loss);
            w.WriteNumber("batches", e.Batches);
            foreach (EvaluationFigure figure in e.Figures ?? [])
            {
                w.WriteNumberOrNull(figure.Name, figure.Value);
            }
        });
    }

    public void OnCheckpoint(in CheckpointReport checkpoint)
    {
        CheckpointReport c = checkpoint;
        JsonLines.Write(output, w =>
        {
            w.WriteString("event", "checkpoint");
            w.WriteNumber("step", c.Step);
            w.WriteString("path", c.Path);
        });
    }

    public void OnSample(in SampleReport sample)
    {
        SampleReport s = sample;
        JsonLines.Write(output, w =>
        {
            w.WriteString("event", "sample");
            w.WriteNumber("step", s.Step);
            w.WriteString("text", s.Text);
        });
    }

    public void OnProfile(in ProfileReport profile)
    {
        ProfileReport p = profile;
        JsonLines.Write(output, w =>
        {
            w.WriteString("event", "profile");
            ProfileText.Write(w, p);
        });
    }

    public void OnFinish(in RunEnd end)
    {
        RunEnd e = end;
        JsonLines.Write(output, w =>
        {
            w.WriteString("event", "finish");
            w.WriteNumber("step", e.Step);
            w.WriteBoolean("completed", e.Completed);
            w.WriteNumberOrNull("val_loss", e.ValidationLoss);
            w.WriteNumber("elapsed_seconds", e.Elapsed.TotalSeconds);
            w.WriteString("run", e.Folder);
        });
    }
}
