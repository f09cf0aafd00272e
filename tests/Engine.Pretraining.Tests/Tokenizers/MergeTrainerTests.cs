using Engine.Pretraining.Tokenizers;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Pretraining.Tests.Tokenizers;

public sealed class MergeTrainerTests
{
    [Fact]
    public void Merges_are_those_of_counting_everything_again() => Prop.ForAll(Words(), words =>
    {
        MergeTrainer trainer = new();
        foreach ((int[] tokens, int count) in words)
        {
            trainer.Add(tokens, count);
        }

        return trainer.Train(4, most: 12, minFrequency: 2).SequenceEqual(Naive(words, 4, 12, 2));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void The_order_of_the_words_does_not_matter() => Prop.ForAll(Words(), words =>
    {
        MergeTrainer forward = new();
        MergeTrainer backward = new();
        foreach ((int[] tokens, int count) in words)
        {
            forward.Add(tokens, count);
        }

        foreach ((int[] tokens, int count) in words.Reverse())
        {
            backward.Add(tokens, count);
        }

        return forward.Train(4, 100, 1).SequenceEqual(backward.Train(4, 100, 1));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Ties_go_to_the_smallest_ids_and_rare_pairs_stay_apart()
    {
        MergeTrainer trainer = new();
        trainer.Add([3, 2], 5);
        trainer.Add([1, 4], 5);
        trainer.Add([1, 3], 5);
        trainer.Add([4, 4], 1);
        Assert.Equal([new Merge(1, 3), new Merge(1, 4), new Merge(3, 2)], trainer.Train(5, 10, minFrequency: 2));
    }

    /// <summary>The definition, in the words of the paper: count all pairs, merge the best everywhere, start again.</summary>
    private static List<Merge> Naive((int[] Tokens, int Count)[] words, int firstId, int most, long minFrequency)
    {
        List<(List<int> Tokens, int Count)> state = [.. words.Select(w => (w.Tokens.ToList(), w.Count))];
        List<Merge> merges = [];
        while (merges.Count < most)
        {
            Dictionary<Merge, long> counts = [];
            foreach ((List<int> tokens, int count) in state)
            {
                for (int i = 0; i + 1 < tokens.Count; i++)
                {
                    Merge pair = new(tokens[i], tokens[i + 1]);
                    counts[pair] = counts.GetValueOrDefault(pair) + count;
                }
            }

            KeyValuePair<Merge, long>[] best = [.. counts.OrderByDescending(c => c.Value).ThenBy(c => c.Key.Left).ThenBy(c => c.Key.Right).Take(1)];
            if (best.Length == 0 || best[0].Value < minFrequency)
            {
                break;
            }

            foreach ((List<int> tokens, _) in state)
            {
                for (int i = 0; i + 1 < tokens.Count; i++)
                {
                    if (new Merge(tokens[i], tokens[i + 1]) == best[0].Key)
                    {
                        tokens[i] = firstId + merges.Count;
                        tokens.RemoveAt(i + 1);
                    }
                }
            }

            merges.Add(best[0].Key);
        }

        return merges;
    }

    /// <summary>Words of few letters: runs, overlaps and ties are frequent.</summary>
    private static Arbitrary<(int[] Tokens, int Count)[]> Words() =>
        (from word in Gen.Choose(0, 3).ArrayOf() from count in Gen.Choose(1, 4) select (word, count)).ArrayOf().ToArbitrary();
}
