using Engine.Pretraining.Words;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Pretraining.Tests.Words;

public sealed class GloveTests
{
    [Fact]
    public void Counts_are_sums_over_all_pairs_of_a_line()
    {
        Gen<(int[] Ids, int Window)> texts =
            from ids in Gen.Choose(-1, 4).ArrayOf()
            from window in Gen.Choose(1, 6)
            select (ids, window);
        Prop.ForAll(Arb.From(texts), t =>
        {
            double[,] expected = new double[5, 5];
            for (int i = 0; i < t.Ids.Length; i++)
            {
                for (int j = 0; j < t.Ids.Length; j++)
                {
                    int distance = Math.Abs(i - j);
                    bool oneLine = t.Ids[Math.Min(i, j)..(Math.Max(i, j) + 1)].All(id => id >= 0);
                    if (distance > 0 && distance <= t.Window && oneLine)
                    {
                        expected[t.Ids[i], t.Ids[j]] += 1.0 / distance;
                    }
                }
            }

            double[,] actual = new double[5, 5];
            Cooccurrence[] entries = Cooccurrences.Count(t.Ids, 5, t.Window).Entries;
            Array.ForEach(entries, e => actual[e.I, e.J] = e.X);
            return entries.All(e => e.X > 0) && expected.Cast<double>().Zip(actual.Cast<double>()).All(p => Math.Abs(p.First - p.Second) < 1e-12);
        }).QuickCheckThrowOnFailure();
    }

    // Every pair co-occurs as often as the words' groups say: the vectors must tell the groups apart.
    [Fact]
    public void Training_puts_words_that_occur_together_next_to_each_other()
    {
        string[] words = ["a", "b", "c", "d", "e", "f"];
        Cooccurrence[] pairs = [.. from i in Enumerable.Range(0, 6) from j in Enumerable.Range(0, 6) where i != j select new Cooccurrence(i, j, i / 3 == j / 3 ? 50 : 2)];
        List<double> costs = [];
        WordVectors[] runs = [.. Enumerable.Range(0, 2).Select(_ =>
        {
            Glove glove = new(words, new GloveConfig { VectorSize = 10, Iterations = 60, XMax = 10 });
            glove.Train(pairs, (_, cost) => costs.Add(cost));
            return glove.Sum;
        })];
        Assert.True(costs[59] < 0.05 * costs[0], $"{costs[0]} → {costs[59]}");
        Assert.Equal(runs[0][2].ToArray(), runs[1][2].ToArray());
        Assert.All(Enumerable.Range(0, 6), i => Assert.All(runs[0].Nearest(runs[0][i], 2, [i]), n => Assert.Equal(i / 3, n.Word / 3)));
    }

    [Fact]
    public void Bad_settings_are_refused_before_training()
    {
        Refuses(() => new GloveConfig { WindowSize = 0 }.Validated(), "GloVe: window_size is 0; expected a number above 0.");
        Refuses(() => new GloveConfig { XMax = double.NaN }.Validated(), "GloVe: x_max is NaN; expected a number above 0.");
        Refuses(() => Cooccurrences.Count([1, 2], 3, 0), "GloVe: window is 0; expected at least 1.");
        Refuses(() => { new Glove(["a"], new()).Train([]); return 0; }, "GloVe: no two words of the vocabulary stand on one line, so there is nothing to train on.");
    }

    private static void Refuses<T>(Func<T> act, string message) => Assert.Equal(message, Assert.Throws<EngineException>(() => { act(); }).Message);
}
