using System.Diagnostics;
using System.Text;
using Engine.Pretraining.Data;
using Engine.Pretraining.Tokenizers;

namespace Engine.Benchmarks;

/// <summary>
/// Seconds to learn a vocabulary from a text and megabytes of it encoded in a second, on one thread. Arguments: the text
/// (tinyshakespeare), V (4096), and a tokenizer's file to encode with instead of learning.
/// </summary>
internal static class TokenizerBenchmark
{
    private const int Rounds = 7;

    public static void Run(string[] args)
    {
        Corpus corpus = Corpus.Load(args.Length > 0 ? args[0] : Corpus.TinyShakespeare);
        int vocabSize = args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 4096;
        double megabytes = Encoding.UTF8.GetByteCount(corpus.Text) / 1e6;
        Console.WriteLine($"{corpus.Name}, {megabytes:F1} MB, .NET {Environment.Version}; encoding: median of {Rounds} rounds");
        Console.WriteLine("| tokenizer | V | learned in s | encoded at MB/s | bytes a token |\n|---|---|---|---|---|");
        foreach (string kind in args.Length > 2 ? [args[2]] : new[] { "bpe", "wordpiece", "word" })
        {
            long start = Stopwatch.GetTimestamp();
            ITokenizer tokenizer = TokenizerFile.Create(kind, corpus.Text, vocabSize);
            double learned = Stopwatch.GetElapsedTime(start).TotalSeconds;
            int tokens = tokenizer.Encode(corpus.Text).Length;
            Console.WriteLine($"| {tokenizer.Kind} | {tokenizer.VocabSize} | {learned:F2} | {megabytes / Median(tokenizer, corpus.Text):F1} | {megabytes * 1e6 / tokens:F2} |");
        }
    }

    private static double Median(ITokenizer tokenizer, string text)
    {
        double[] seconds = new double[Rounds];
        for (int i = 0; i < Rounds; i++)
        {
            long start = Stopwatch.GetTimestamp();
            tokenizer.Encode(text);
            seconds[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        Array.Sort(seconds);
        return seconds[Rounds / 2];
    }
}
