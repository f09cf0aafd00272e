using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Engine.Optim;
using Engine.Pretraining.Models;
using Engine.Serialization;

namespace Engine.Benchmarks;

/// <summary>
/// The training step of GPT-2 124M on numbered pseudo-random tokens, as <c>benchmarks/peers/gpt2.sh</c> compares it: forward,
/// backward, clipping, AdamW. Prints one line of JSON: milliseconds of each step, losses, peak resident memory.
/// Usage: <c>gpt2 [B] [T] [threads] [steps] [precision]</c>; with the environment variable <c>WEIGHTS</c> the initial weights
/// are saved to that file for the rival to start from.
/// </summary>
internal static class Gpt2StepBenchmark
{
    public static void Run(string[] args)
    {
        int B = Number(args, 0, 4);
        int T = Number(args, 1, 64);
        int threads = Number(args, 2, 0);
        int steps = Number(args, 3, 7);
        Gpt2Config shape = new() { VocabSize = 50304 };
        using CpuDevice device = new(threads);
        using Gpt2 model = new(device, shape, seed: 1);
        if (Environment.GetEnvironmentVariable("WEIGHTS") is { Length: > 0 } path)
        {
            SafeTensors.Save(path, model.Parameters.Select(p => (p.Name, p.Master)));
        }

        if (args.Length > 4 && args[4] == "bf16")
        {
            model.StoreAs(DType.BFloat16);
        }

        using AdamW optimizer = new(ParameterGroup.Split(model.Parameters, 0.1), 1e-4, 0.9, 0.95);
        using GradientClipping clipping = new(model.Parameters);
        using StepScope step = new(device);
        int[] inputIds = new int[B * T];
        int[] labels = new int[B * T];
        double[] milliseconds = new double[steps];
        float[] losses = new float[steps];
        for (int i = 0; i < steps; i++)
        {
            for (int j = 0; j < B * T; j++)
            {
                inputIds[j] = Token(i, j, B * T);
                labels[j] = Token(i, j + 1, B * T);
            }

            long start = Stopwatch.GetTimestamp();
            Tensor loss = model.Loss(step.From<int>(inputIds, [B, T]), step.From<int>(labels, [B, T]));
            step.Backward(loss);
            clipping.Measure(1.0);
            optimizer.Step(clipping.Scale);
            losses[i] = loss.Item();
            optimizer.ZeroGrad();
            step.Clear();
            milliseconds[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        Console.WriteLine(JsonSerializer.Serialize(new
        {
            label = "Engine",
            threads = device.Threads,
            ms = milliseconds.Select(x => Math.Round(x, 1)),
            losses,
            peak_mib = Process.GetCurrentProcess().PeakWorkingSet64 >> 20,
        }));
    }

    // Few of the vocabulary's tokens, so that there is something to learn; the same formula is in pytorch_gpt2.py.
    private static int Token(int step, int place, int tokens) =>
        (int)((uint)((((step % 2) * tokens) + place) * 2654435761L) >> 16) % 503 * 100;

    private static int Number(string[] args, int place, int fallback) =>
        args.Length > place ? int.Parse(args[place], CultureInfo.InvariantCulture) : fallback;
}
