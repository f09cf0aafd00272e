using System.Diagnostics;
using System.Globalization;
using Engine.Pretraining.Tokenizers;

namespace Engine.Benchmarks;

/// <summary>
/// Our side of peers/tokenizers.sh: the median of MB/s over rounds and the number of tokens. Arguments: the text, the
/// tokenizer, threads, rounds. The text is cut into documents of about 10 kB, and each thread takes every n-th of them.
/// </summary>
internal static class EncodeBenchmark
{
    private const int Document = 10000;

    public static void Run(string[] args)
    {
        string text = File.ReadAllText(args[0]);
        ITokenizer tokenizer = TokenizerFile.Load(args[1]);
        int threads = int.Parse(args[2], CultureInfo.InvariantCulture);
        List<(int Start, int End)> documents = [];
        for (int start = 0; start < text.Length;)
        {
            int line = start + Document < text.Length ? text.IndexOf("\n\n", start + Document, StringComparison.Ordinal) : -1;
            int end = line < 0 ? text.Length : line + 2;
            documents.Add((start, end));
            start = end;
        }

        long tokens = Round(tokenizer, text, documents, threads);
        double[] seconds = new double[int.Parse(args[3], CultureInfo.InvariantCulture)];
        for (int round = 0; round < seconds.Length; round++)
        {
            long start = Stopwatch.GetTimestamp();
            tokens = Round(tokenizer, text, documents, threads);
            seconds[round] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        Array.Sort(seconds);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{new FileInfo(args[0]).Length / 1e6 / seconds[seconds.Length / 2]:F2} {tokens}"));
    }

    private static long Round(ITokenizer tokenizer, string text, List<(int Start, int End)> documents, int threads)
    {
        long[] tokens = new long[threads];
        Thread[] workers = new Thread[threads];
        for (int i = 0; i < threads; i++)
        {
            int index = i;
            workers[i] = new Thread(() =>
            {
                for (int d = index; d < documents.Count; d += threads)
                {
                    tokens[index] += tokenizer.Encode(text.AsSpan(documents[d].Start, documents[d].End - documents[d].Start)).Length;
                }
            });
            workers[i].Start();
        }

        Array.ForEach(workers, w => w.Join());
        return tokens.Sum();
    }
}
