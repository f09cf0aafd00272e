using Engine.Optim;
using Engine.Pretraining.Training;
using Engine.Testing;
using Xunit;

namespace Engine.Pretraining.Tests.Objectives;

/// <summary>What tests of objectives do with a task: train it, evaluate it, watch its steady step.</summary>
internal static class TaskRuns
{
    /// <summary>Takes the first training steps; each must give every parameter a gradient.</summary>
    /// <param name="task">What to train.</param>
    /// <param name="optimizer">Over the task's parameters.</param>
    /// <param name="steps">How many.</param>
    /// <param name="rate">The learning rate of a step; the optimizer's own without it.</param>
    public static void Train(this PretrainTask task, Optimizer optimizer, int steps, Func<int, double>? rate = null)
    {
        using StepScope step = new(task.Model.Device, recording: true, seed: 1);
        for (int i = 0; i < steps; i++)
        {
            Backward(task, step, i);
            Assert.Empty(task.Model.Unreached);
            optimizer.LearningRate = rate?.Invoke(i) ?? optimizer.LearningRate;
            optimizer.Step();
            optimizer.ZeroGrad();
        }
    }

    /// <summary>The mean loss of the evaluation batches; the figures wait to be taken.</summary>
    public static double Evaluate(this PretrainTask task)
    {
        using StepScope step = new(task.Model.Device, recording: false);
        double sum = 0;
        for (int batch = 0; batch < task.Objective.EvaluationBatches; batch++)
        {
            sum += task.Objective.EvaluationLoss(step, batch).Item();
            step.Clear();
        }

        return sum / task.Objective.EvaluationBatches;
    }

    /// <summary>Once everything has grown to its size, a step allocates no managed memory, batch and optimizer included.</summary>
    public static void AssertSteady(this PretrainTask task)
    {
        using AdamW optimizer = new(ParameterGroup.Split(task.Model.Parameters, 0.01), 1e-3);
        using StepScope step = new(task.Model.Device, recording: true, seed: 1);
        // Packed batches differ in length, and every size class of memory must have been asked for as often as it ever is.
        const int Warm = 60;
        Steps(0, Warm);
        Assert.Equal(0, Allocations.Of(() => Steps(Warm, Warm + 3)));

        void Steps(int first, int end)
        {
            for (int i = first; i < end; i++)
            {
                Backward(task, step, i);
                optimizer.Step();
                optimizer.ZeroGrad();
            }
        }
    }

    private static void Backward(PretrainTask task, StepScope step, long batch)
    {
        step.Backward(task.Objective.TrainingLoss(step, batch));
        step.Clear();
    }
}
