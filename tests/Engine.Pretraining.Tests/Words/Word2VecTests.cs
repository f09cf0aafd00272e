using Engine.Pretraining.Data;
using Engine.Pretraining.Words;
using Xunit;

namespace Engine.Pretraining.Tests.Words;

public sealed class Word2VecTests
{
    // Some 20,000 words, so that the rate falls within a pass.
    private static readonly string Text = Lines(3000);

    [Theory]
    [InlineData(false, 5, false, 1e-3, 3000)]
    [InlineData(true, 5, false, 1e-3, 3000)]
    [InlineData(false, 0, true, 1e-3, 3000)]
    [InlineData(true, 0, true, 0, 500)]
    [InlineData(false, 3, true, 1e-2, 900)]
    public void One_thread_ends_at_the_vectors_of_the_published_algorithm(bool cbow, int negative, bool hs, double sample, int lineCount)
    {
        // Both sum in orders of their own, which is worth some 1e-7, until a score comes out on the other side of a step of the table of σ:
        // that moves vectors by up to 1e-4. With a tree, whose upper nodes take part in every word, and many words kept it happens within
        // 3,000 lines (measured: at 900 without subsampling, at 3,000 with 1e-2), so there the text is shorter.
        string text = Lines(lineCount);
        Word2VecConfig config = new() { Cbow = cbow, Size = 20, Window = 4, Negative = negative, HierarchicalSoftmax = hs, Sample = sample, Iterations = 2 };
        Word2VecReference reference = new(cbow, 20, 4, negative, hs, sample, 2, (float)config.StartingAlpha);
        string[][] lines = [.. text[..^1].Split('\n').Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
        float[][] expected = reference.Train(lines, 5);
        WordVocabulary vocabulary = WordVocabulary.Count("text", text);
        Word2Vec model = new(vocabulary, config);
        model.Train(vocabulary.Encode(text));
        WordVectors actual = model.Vectors;
        Assert.Equal(reference.Words, actual.Words);
        double moved = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            for (int k = 0; k < 20; k++)
            {
                Assert.Equal(expected[i][k], actual[i][k], 1e-5);
                moved = Math.Max(moved, Math.Abs(actual[i][k]));
            }
        }

        // Well beyond the ±0.025 of the first vectors.
        Assert.True(moved > 0.04, $"the largest number is {moved}");
    }

    [Fact]
    public void Training_twice_gives_the_same_bits_and_progress_ends_before_the_total()
    {
        WordVocabulary vocabulary = WordVocabulary.Count("text", Text);
        int[] ids = vocabulary.Encode(Text);
        List<WordProgress> seen = [];
        float[][] runs = [.. Enumerable.Range(0, 2).Select(_ =>
        {
            Word2Vec model = new(vocabulary, new Word2VecConfig { Size = 16, Iterations = 2 });
            model.Train(ids, seen.Add);
            return model.Vectors[1].ToArray();
        })];
        Assert.Equal(runs[0], runs[1]);
        Assert.NotEmpty(seen);
        Assert.All(seen, p => Assert.InRange(p.Words, 10_000, p.TotalWords));
        Assert.True(seen[^1].Loss < seen[0].Loss, $"{seen[0].Loss} → {seen[^1].Loss}");
        Assert.True(seen[^1].LearningRate < seen[0].LearningRate);
    }

    [Fact]
    public void Threads_share_the_work()
    {
        WordVocabulary vocabulary = WordVocabulary.Count("text", Text);
        Word2Vec model = new(vocabulary, new Word2VecConfig { Size = 16, Iterations = 2, Threads = 2 });
        float[] before = model.Vectors[1].ToArray();
        model.Train(vocabulary.Encode(Text));
        Assert.NotEqual(before, model.Vectors[1].ToArray());
        Assert.All(Enumerable.Range(0, model.Vectors.Words.Count), i => Assert.True(float.IsFinite(model.Vectors.Cosine(i, i))));
    }

    [Theory]
    [InlineData("window", "word2vec: window is 0; expected at least 1.")]
    [InlineData("size", "word2vec: size is 0; expected at least 1.")]
    [InlineData("negative", "word2vec: negative is -1; expected at least 0.")]
    [InlineData("iterations", "word2vec: iterations is 0; expected at least 1.")]
    [InlineData("threads", "word2vec: threads is 0; expected at least 1.")]
    [InlineData("sample", "word2vec: sample is NaN; expected 0 for no subsampling, or a frequency such as 0.001.")]
    [InlineData("alpha", "word2vec: alpha is -1; expected a learning rate, or 0 for the default.")]
    [InlineData("nothing", "word2vec: negative is 0 and hierarchical softmax is off, so nothing would be trained; set one of them.")]
    public void Bad_settings_are_refused_before_training(string what, string message)
    {
        Word2VecConfig good = new();
        Word2VecConfig bad = what switch
        {
            "window" => good with { Window = 0 },
            "size" => good with { Size = 0 },
            "negative" => good with { Negative = -1 },
            "iterations" => good with { Iterations = 0 },
            "threads" => good with { Threads = 0 },
            "sample" => good with { Sample = double.NaN },
            "alpha" => good with { Alpha = -1 },
            _ => good with { Negative = 0 },
        };
        Assert.Equal(message, Assert.Throws<EngineException>(() => bad.Validated()).Message);
    }

    [Theory]
    [InlineData("", 5, "t.txt: has no words.")]
    [InlineData(" \n\t\r\n", 5, "t.txt: has no words.")]
    [InlineData("a b a\nb a", 5, "t.txt: no word occurs 5 times; the most frequent one, 'a', occurs 3. Lower min_frequency or use a larger corpus.")]
    [InlineData("a", 0, "min_frequency is 0; expected at least 1.")]
    public void A_corpus_without_words_is_refused(string text, int minCount, string message) =>
        Assert.Equal(message, Assert.Throws<EngineException>(() => WordVocabulary.Count("t.txt", text, minCount)).Message);

    [Fact]
    public void Words_are_numbered_by_count_and_first_appearance()
    {
        WordVocabulary v = WordVocabulary.Count("t", "c b a\tb\r\n\n a d", 2);
        Assert.Equal([WordVocabulary.SentenceEnd, "b", "a"], v.Words);
        Assert.Equal([3L, 2, 2], v.Counts);
        Assert.Equal(7, v.Total);
        Assert.Equal([1, 2, 1, 0, 0, 2, 0], v.Encode("c b a\tb\r\n\n a d"));
        Assert.Equal((2, -1), (v.IndexOf("a"), v.IndexOf("c")));
    }

    // The first lines of Shakespeare.
    private static string Lines(int count) => string.Join('\n', Corpus.Load(Corpus.TinyShakespeare).Text.Split('\n').Take(count)) + "\n";
}
