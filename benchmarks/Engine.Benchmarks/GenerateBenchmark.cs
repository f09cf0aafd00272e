using System.Diagnostics;
using Engine.Pretraining.Generation;
using Engine.Pretraining.Models;

namespace Engine.Benchmarks;

/// <summary>
/// Text from GPT-2 124M, batch 1, with random weights: the time of each new token, sampler included, beside what reading every
/// weight and every cached key and value once would take at the bandwidth that the same run measures. Arguments:
/// <c>--tokens N</c>, <c>--rounds N</c>, <c>--threads N</c> (1 and 2 if not given), <c>--profile</c>, which
/// adds where the time of a token goes.
/// </summary>
internal static class GenerateBenchmark
{
    private const int PromptLength = 32;

    public static void Run(string[] args)
    {
        int tokens = Number(args, "--tokens", 64);
        int rounds = Number(args, "--rounds", 5);
        Console.WriteLine($"{"weights",-8} thr | {"tokens/s",9} {"ms/token",9} {"MB/token",9} | {"GB/s",6} {"memory",7} | of the limit");
        int only = Number(args, "--threads", 0);
        foreach (int threads in only > 0 ? [only] : new[] { 1, 2 })
        {
            using CpuDevice device = new(threads);
            using Gpt2 model = new(device, new Gpt2Config { VocabSize = 50257 }, seed: 1);
            foreach (DType dtype in new[] { DType.Float32, DType.BFloat16, DType.Int8 })
            {
                model.StoreAs(dtype);
                double bandwidth = 0;
                double best = double.PositiveInfinity;
                for (int round = 0; round < rounds; round++)
                {
                    bandwidth = Math.Max(bandwidth, ReadBandwidth.Measure(threads));
                    best = Math.Min(best, SecondsPerToken(model, tokens));
                }

                double bytes = BytesPerToken(model, tokens);
                Console.WriteLine(
                    $"{dtype.Name(),-8} {threads,3} | {1 / best,9:F1} {best * 1e3,9:F2} {bytes / 1e6,9:F1} | " +
                    $"{bytes / best / 1e9,6:F1} {bandwidth,7:F1} | {bytes / best / 1e9 / bandwidth:F2}");
                if (args.Contains("--profile"))
                {
                    Profile(model, tokens);
                }
            }
        }
    }

    // The median over the tokens after the first, which has read the prompt.
    private static double SecondsPerToken(Gpt2 model, int tokens)
    {
        int[] prompt = [.. Enumerable.Range(0, PromptLength).Select(i => (i * 997) % model.Config.VocabSize)];
        using IEnumerator<int> text = TextGenerator.Generate(model, prompt, new SamplingOptions { Tokens = tokens + 1, Temperature = 0f }).GetEnumerator();
        text.MoveNext();
        double[] seconds = new double[tokens];
        for (int i = 0; i < tokens; i++)
        {
            long start = Stopwatch.GetTimestamp();
            text.MoveNext();
            seconds[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        Array.Sort(seconds);
        return seconds[tokens / 2];
    }

    private static void Profile(Gpt2 model, int tokens)
    {
        model.Device.BeginProfile();
        SecondsPerToken(model, tokens);
        foreach (ProfileRow row in new ProfileTable(model.Device.EndProfile()).Rows)
        {
            Console.WriteLine($"    {row.Op,-22} {row.Calls,6} × {row.Nanoseconds / 1e3 / Math.Max(1, row.Calls),8:F1} µs {row.Nanoseconds / 1e6 / tokens,8:F3} ms/token {row.GigaBytes,6:F1} GB/s");
        }
    }

    // All parameters but the tables' unused rows: of wpe one row is read, of wte all, as it is the output layer. And keys and values.
    private static double BytesPerToken(Gpt2 model, int tokens)
    {
        double weights = model.Parameters.Where(p => p.Name != "wpe.weight").Sum(p => Bytes(p.Value));
        int length = PromptLength + (tokens / 2);
        DType stored = model.Parameters.First().Value.DType;
        return weights + (2.0 * length * model.Config.NLayer * model.Config.NEmbd * (stored.IsFloat() ? stored : DType.Float32).Size());
    }

    private static double Bytes(Tensor x) =>
        ((double)x.Count * x.DType.Size()) + (x.DType == DType.Int8 ? Int8Matrix.Scales(x).Length * sizeof(float) : 0);

    private static int Number(string[] args, string name, int otherwise) =>
        Array.IndexOf(args, name) is int at and >= 0 ? int.Parse(args[at + 1]) : otherwise;
}
