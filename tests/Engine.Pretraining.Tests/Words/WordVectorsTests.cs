using System.Globalization;
using System.Text;
using Engine.Pretraining.Words;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Pretraining.Tests.Words;

/// <summary>Files of vectors, neighbours, analogies and similarity.</summary>
public sealed class WordVectorsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_written_is_read_again(bool binary)
    {
        Gen<WordVectors> all =
            from words in Gen.Elements("a", "the", "größer", "naïve", "</s>", "7", "1.5", "日本").ArrayOf().Where(w => w.Length > 0).Select(w => w.Distinct().ToArray())
            from size in Gen.Choose(1, 5)
            from values in Gen.Choose(int.MinValue, int.MaxValue).Select(BitConverter.Int32BitsToSingle).Select(f => float.IsFinite(f) ? f : 1f).ArrayOf(words.Length * size)
            select new WordVectors(words, values);
        string path = _folder.File("vectors");
        Prop.ForAll(Arb.From(all), v =>
        {
            WordVectorsFile.Write(path, v, binary);
            WordVectors read = WordVectorsFile.Read(path);
            return read.Words.SequenceEqual(v.Words) && Enumerable.Range(0, v.Words.Count).All(i => read[i].SequenceEqual(v[i]));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Broken_files_give_one_sentence()
    {
        byte[] text = "3 2\na 1 2\nb -3 4e-3\nc 5 6\n"u8.ToArray();
        byte[] binary = [.. "2 2\n"u8, .. "a "u8, .. new byte[8], (byte)'\n', .. "b "u8, 0, 0, 128, 63, 0, 0, 0, 64, (byte)'\n'];
        Gen<byte[]> broken =
            from original in Gen.Elements(text, binary)
            from at in Gen.Choose(0, original.Length - 1)
            from what in Gen.Choose(0, 255)
            from cut in Gen.Elements(false, true)
            select cut ? original[..at] : [.. original[..at], (byte)what, .. original[(at + 1)..]];
        Prop.ForAll(Arb.From(broken), bytes =>
        {
            try
            {
                WordVectors v = WordVectorsFile.Parse("file", bytes);
                return v.Words.Count > 0;
            }
            catch (EngineException e)
            {
                return e.Message.StartsWith("file: ", StringComparison.Ordinal) && !e.Message.Contains('\n', StringComparison.Ordinal);
            }
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("", "file: has no word vectors.")]
    [InlineData("0 2\n", "file: line 1 is '0 2'; expected the number of words and the length of their vectors.")]
    [InlineData("2 2\na 1 2\n", "file: has 1 words; its first line says 2.")]
    [InlineData("2 2\na 1 2\nb 1\n", "file: line 3 has 1 numbers behind its word; expected 2.")]
    [InlineData("2 2\na 1 2\nb 1 x\n", "file: line 3: 'x' is not a number.")]
    [InlineData("2 1\na 1\na 2\n", "file: The word 'a' has two vectors.")]
    [InlineData("a 1 2\nb 3 4 5\n", "file: line 2 has 3 numbers behind its word; expected 2.")]
    [InlineData("2000000000 3\nabc", "file: ends inside word 1 of 2000000000, at byte 13; expected a word, a blank and 3 numbers of four bytes.")]
    public void Broken_files_are_named_with_the_place(string text, string message) =>
        Assert.Equal(message, Assert.Throws<EngineException>(() => WordVectorsFile.Parse("file", Encoding.UTF8.GetBytes(text))).Message);

    [Fact]
    public void Glove_files_have_no_first_line_and_only_the_first_words_may_be_wanted()
    {
        WordVectors v = WordVectorsFile.Parse("file", "a 1 2\nb 3 4\nc 5 6\n"u8.ToArray(), most: 2);
        Assert.Equal(["a", "b"], v.Words);
        Assert.Equal([3f, 4f], v[1].ToArray());
        Assert.Equal("nowhere: the word vectors cannot be read: ", Assert.Throws<EngineException>(() => WordVectorsFile.Read("nowhere")).Message[..42]);
        Assert.Equal(
            $"{_folder.File("x")}: the word 'a b' cannot be written: words may be neither empty nor hold blanks.",
            Assert.Throws<EngineException>(() => WordVectorsFile.Write(_folder.File("x"), new(["a b"], [1f]))).Message);
    }

    [Fact]
    public void Analogies_exclude_the_words_of_the_question()
    {
        // king − man + woman is nearest to king itself, then to queen.
        WordVectors v = new(["man", "woman", "king", "queen", "apple"], [1f, 0f, 0.2f, 0.8f, 0.6f, 0.2f, 1f, 0f, 1f, 0.7f, 0.7f, 1f, 0f, 0f, -1f]);
        Assert.Equal(
            [new AnalogyScore("royal", 3, 2, 2), new AnalogyScore("fruit", 1, 0, 0)],
            WordAnalogies.Evaluate(v, "questions", ": royal\nMan Woman king queen\nwoman man queen king\nman woman king prince\n\n: fruit\nman woman pear apple\n"));
        Assert.Equal([new AnalogyScore("questions", 1, 0, 0)], WordAnalogies.Evaluate(v, "questions", "man woman king queen", among: 3));
        Assert.Equal(
            "questions: line 2 has 3 words; expected four, or a section's name behind a colon.",
            Assert.Throws<EngineException>(() => WordAnalogies.Evaluate(v, "questions", "\na b c")).Message);
    }

    [Fact]
    public void Nearest_words_are_those_of_the_largest_cosines()
    {
        Gen<(float[] Values, int Count)> all =
            from values in Gen.Choose(-3, 3).Select(x => (float)x).ArrayOf(24)
            from count in Gen.Choose(1, 9)
            select (values, count);
        Prop.ForAll(Arb.From(all), a =>
        {
            WordVectors v = new([.. "abcdefgh".Select(c => c.ToString(CultureInfo.InvariantCulture))], a.Values);
            int[] expected = [.. Enumerable.Range(0, 8).Where(i => i != 3).OrderByDescending(i => v.Cosine(0, i)).Take(a.Count)];
            return v.Nearest(v[0], a.Count, [3]).Select(n => n.Word).SequenceEqual(expected);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Similarity_is_the_correlation_of_ranks_with_ties_shared()
    {
        // By hand: ranks of x are 1, 2.5, 2.5, 4 and of y 1, 3, 2, 4; covariance 4.5 of √(4.5·5).
        Assert.Equal(4.5 / Math.Sqrt(4.5 * 5), WordSimilarity.Spearman([1, 2, 2, 3], [1, 3, 2, 4]), 1e-12);
        Assert.True(double.IsNaN(WordSimilarity.Spearman([1], [2])));
        WordVectors v = new(["a", "b", "c"], [1f, 0f, 1f, 0.1f, 0f, 1f]);
        SimilarityScore score = WordSimilarity.Evaluate(v, "pairs", "A\tb\t9\na c 1\nb c 2\na x 3\n");
        Assert.Equal((4, 3), (score.Pairs, score.InVocabulary));
        Assert.Equal(1.0, score.Spearman, 1e-12);
        Assert.Equal("pairs: line 1 is not two words and a number.", Assert.Throws<EngineException>(() => WordSimilarity.Evaluate(v, "pairs", "a b")).Message);
    }
}
