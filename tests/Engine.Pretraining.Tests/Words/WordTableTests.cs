using Engine.Pretraining.Words;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Pretraining.Tests.Words;

/// <summary>The noise table and the Huffman tree by their definitions.</summary>
public sealed class WordTableTests
{
    [Fact]
    public void The_noise_table_is_the_one_that_filling_place_by_place_gives()
    {
        long[] counts = [7, 90_000, 5000, 5000, 320, 12, 12, 5, 1, 1];
        NoiseTable table = new(counts);
        double total = counts.Sum(c => Math.Pow(c, 0.75));
        double share = Math.Pow(counts[0], 0.75) / total;
        int word = 0;
        int wrong = 0;
        for (int place = 0; place < NoiseTable.Places; place++)
        {
            wrong += table.At(place) == word ? 0 : 1;
            if (place / (double)NoiseTable.Places > share && word < counts.Length - 1)
            {
                share += Math.Pow(counts[++word], 0.75) / total;
            }
        }

        Assert.Equal(0, wrong);
        Assert.Equal(counts.Length - 1, word);
    }

    [Fact]
    public void Paths_are_free_of_prefixes_and_as_short_as_possible()
    {
        Gen<long[]> counts = Gen.Choose(1, 1000).Select(c => (long)c).ArrayOf().Where(c => c.Length > 1).Select(c => c.OrderDescending().ToArray());
        Prop.ForAll(Arb.From(counts), c =>
        {
            HuffmanTree tree = new(c);
            double kraft = tree.Codes.Sum(code => Math.Pow(2, -code.Length));
            bool paths = tree.Points.All(p => p[0] == c.Length - 2) && tree.Points.SelectMany(p => p).Distinct().Count() == c.Length - 1;
            bool distinct = tree.Codes.Select(code => string.Concat(code.Select(b => b ? '1' : '0'))).Distinct().Count() == c.Length;
            return kraft == 1 && paths && distinct && tree.Codes.Zip(c, (code, n) => code.Length * n).Sum() == OptimalLength(c);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void One_word_has_an_empty_path() => Assert.Empty(new HuffmanTree([3]).Codes[0]);

    // What Huffman's code costs: the sum of all merged weights.
    private static long OptimalLength(long[] counts)
    {
        PriorityQueue<long, long> queue = new(counts.Select(c => (c, c)));
        long sum = 0;
        while (queue.Count > 1)
        {
            long merged = queue.Dequeue() + queue.Dequeue();
            sum += merged;
            queue.Enqueue(merged, merged);
        }

        return sum;
    }
}
