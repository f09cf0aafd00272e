using System.Diagnostics;
using System.Net.Http.Json;
using Engine.Pretraining.Generation;

namespace Engine.Benchmarks;

/// <summary>
/// A running <c>engine serve</c> under 1, 4 and 16 clients that each ask for one stream after another, beside the same model in this process
/// writing one text at a time. Time to first token is from the request to its first event. Arguments: the server's URL, the model's
/// path, threads of the model in this process, tokens of a text, texts of each client, rounds, of which the median counts.
/// </summary>
internal static class ServeBenchmark
{
    private const string Prompt = "Once upon a time, there was a little girl named Lily who lived in a house near the";
    private static readonly int[] s_clients = [1, 4, 16];

    public static void Run(string[] args)
    {
        if (args.Length != 6)
        {
            throw new ArgumentException("usage: Engine.Benchmarks serve URL MODEL THREADS TOKENS TEXTS ROUNDS");
        }

        (int tokens, int texts, int rounds) = (int.Parse(args[3]), int.Parse(args[4]), int.Parse(args[5]));
        using CpuDevice device = new(int.Parse(args[2]));
        using TrainedModel model = TrainedModel.LoadPretrained(device, args[1]);
        using HttpClient client = new() { BaseAddress = new Uri(args[0]), Timeout = TimeSpan.FromMinutes(5) };
        List<Load> alone = [];
        List<Load>[] served = [.. s_clients.Select(_ => new List<Load>())];
        Alone(model, tokens);
        Served(client, s_clients[^1], 1, tokens);
        for (int round = 0; round < rounds; round++)
        {
            alone.Add(Alone(model, tokens));
            for (int i = 0; i < s_clients.Length; i++)
            {
                served[i].Add(Served(client, s_clients[i], texts, tokens));
            }
        }

        Console.WriteLine("| | tokens/s | of one stream in process | time to first token, median | 99th percentile |\n|---|---|---|---|---|");
        double one = Median(alone.Select(l => l.TokensPerSecond));
        Row("in process, one stream after another", alone);
        for (int i = 0; i < s_clients.Length; i++)
        {
            Row($"{s_clients[i]} client{(s_clients[i] > 1 ? "s" : string.Empty)}", served[i]);
        }

        void Row(string name, List<Load> loads)
        {
            double[] first = [.. loads.SelectMany(l => l.FirstTokens).Order()];
            double rate = Median(loads.Select(l => l.TokensPerSecond));
            Console.WriteLine(FormattableString.Invariant(
                $"| {name} | {rate:F0} | {rate / one:F2} | {first[first.Length / 2] * 1e3:F1} ms | {first[(int)Math.Ceiling(0.99 * first.Length) - 1] * 1e3:F1} ms |"));
        }
    }

    // Four texts, so that a load is long enough to be timed.
    private static Load Alone(TrainedModel model, int tokens)
    {
        List<double> first = [];
        int count = 0;
        long start = Stopwatch.GetTimestamp();
        for (int n = 0; n < 4; n++)
        {
            long begin = Stopwatch.GetTimestamp();
            int before = count;
            foreach (string _ in model.Continue(Prompt, new SamplingOptions { Tokens = tokens, Temperature = 0f }))
            {
                if (count++ == before)
                {
                    first.Add(Stopwatch.GetElapsedTime(begin).TotalSeconds);
                }
            }

            // The last piece is what waits at the end, and no token.
            count--;
        }

        return new Load(count / Stopwatch.GetElapsedTime(start).TotalSeconds, first);
    }

    private static Load Served(HttpClient client, int clients, int texts, int tokens)
    {
        long start = Stopwatch.GetTimestamp();
        (int Count, List<double> First)[] all = Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(async () =>
        {
            List<double> first = [];
            int count = 0;
            for (int n = 0; n < texts; n++)
            {
                (int events, double seconds) = await Stream(client, tokens);
                count += events;
                first.Add(seconds);
            }

            return (count, first);
        }))).GetAwaiter().GetResult();
        return new Load(all.Sum(a => a.Count) / Stopwatch.GetElapsedTime(start).TotalSeconds, [.. all.SelectMany(a => a.First)]);
    }

    // An event a token, but the last two: why the text ended, and that the stream has.
    private static async Task<(int Tokens, double First)> Stream(HttpClient client, int tokens)
    {
        long begin = Stopwatch.GetTimestamp();
        using HttpRequestMessage request = new(HttpMethod.Post, "completions") { Content = JsonContent.Create(new { prompt = Prompt, max_tokens = tokens, temperature = 0, stream = true }) };
        using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        using StreamReader lines = new(await response.Content.ReadAsStreamAsync());
        int events = 0;
        double first = 0;
        while (await lines.ReadLineAsync() is { } line)
        {
            if (line.Length > 0 && events++ == 0)
            {
                first = Stopwatch.GetElapsedTime(begin).TotalSeconds;
            }
        }

        return (events - 2, first);
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private sealed record Load(double TokensPerSecond, List<double> FirstTokens);
}
