using System.Diagnostics;
using Engine.Optim;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Data;
using Engine.Pretraining.Models;
using Engine.Pretraining.Objectives;

namespace Engine.Benchmarks;

/// <summary>
/// The steady training step of a preset: time, managed bytes allocated, and native bytes live after 1,000 steps minus after
/// 100. Usage: <c>step [preset] [threads] [steps]</c>.
/// </summary>
internal static class TrainingStepBenchmark
{
    private const int DriftFrom = 100;

    public static void Run(string[] args)
    {
        PretrainConfig config = Presets.Get(args.Length > 0 ? args[0] : Presets.Default);
        int threads = args.Length > 1 ? int.Parse(args[1]) : 0;
        int steps = args.Length > 2 ? int.Parse(args[2]) : 1000;
        using CpuDevice device = new(threads);
        using PretrainData data = PretrainData.Open(config);
        using Gpt2 model = new(device, Gpt2Config.From(config, data.Tokenizer.VocabSize), config.Seed);
        using AdamW optimizer = new(ParameterGroup.Split(model.Parameters, config.WeightDecay), config.LearningRate, config.Beta1, config.Beta2);
        using GradientClipping clipping = new(model.Parameters);
        using StepScope step = new(device);
        CausalLanguageModeling objective = new(model, data.Training, data.Validation);

        double[] milliseconds = new double[steps];
        long liveAtStart = 0;
        long managed = 0;
        for (int i = 0; i < steps; i++)
        {
            if (i == DriftFrom)
            {
                liveAtStart = device.Memory.LiveBytes;
                managed = GC.GetTotalAllocatedBytes(precise: true);
            }

            long start = Stopwatch.GetTimestamp();
            Tensor loss = objective.TrainingLoss(step, i);
            float value = loss.Item();
            step.Backward(loss);
            clipping.Measure(config.GradClip);
            optimizer.Step(clipping.Scale);
            optimizer.ZeroGrad();
            step.Clear();
            milliseconds[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            if (!float.IsFinite(value))
            {
                throw new InvalidOperationException($"loss {value} at step {i}");
            }
        }

        managed = GC.GetTotalAllocatedBytes(precise: true) - managed;
        double[] steady = milliseconds[DriftFrom..];
        Array.Sort(steady);
        long parameters = model.ParameterCount;
        Console.WriteLine($"{config.Preset}: {parameters:N0} parameters, {config.TokensPerStep} tokens a step, {device.Threads} threads, {device.Level.Name()}");
        Console.WriteLine($"step: median {steady[steady.Length / 2]:0.00} ms, min {steady[0]:0.00} ms, 90 % {steady[steady.Length * 9 / 10]:0.00} ms; {config.TokensPerStep / steady[steady.Length / 2] * 1000:0} tokens/s");
        Console.WriteLine($"managed bytes allocated per step: {(double)managed / (steps - DriftFrom):0.0}");
        Console.WriteLine($"live bytes after {steps} steps minus after {DriftFrom}: {device.Memory.LiveBytes - liveAtStart}; peak {Bytes.Format(device.Memory.PeakBytes)}");
    }
}
