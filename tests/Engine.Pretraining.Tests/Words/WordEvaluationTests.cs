using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Engine.Pretraining.Words;
using Engine.Testing;
using Xunit;

namespace Engine.Pretraining.Tests.Words;

/// <summary>
/// Analogies, similarity and neighbours against counts that were made with NumPy: on a small set that is in the file itself, and on published
/// vectors, which are a download (<c>ENGINE_WORD_VECTORS</c> names their JSON file, <c>ENGINE_WORD_QUESTIONS</c> the folder with the question files).
/// </summary>
public sealed partial class WordEvaluationTests
{
    // Two answers may tie to the rounding of float32.
    private const int Ties = 3;

    [Fact]
    public void A_small_set_is_answered_as_in_the_file()
    {
        using JsonDocument file = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Fixture.RepositoryRoot, "tests", "Fixtures", "word_eval_small.json")));
        JsonElement root = file.RootElement;
        WordVectors vectors = new(
            [.. root.GetProperty("words").EnumerateArray().Select(w => w.GetString()!)], [.. root.GetProperty("values").EnumerateArray().Select(v => v.GetSingle())]);
        AnalogyScore[] expected = [.. root.GetProperty("analogy").EnumerateObject().Select(s => Score(s))];
        Assert.Equal(expected, WordAnalogies.Evaluate(vectors, "questions", root.GetProperty("questions").GetString()!));
        AssertSimilarity(root.GetProperty("similarity"), WordSimilarity.Evaluate(vectors, "pairs", root.GetProperty("pairs").GetString()!), 1e-6);
        AssertNeighbours(root.GetProperty("neighbours"), vectors);
    }

    [Fact]
    public void Published_vectors_are_as_good_as_in_the_file()
    {
        string? path = Environment.GetEnvironmentVariable("ENGINE_WORD_VECTORS");
        string? questions = Environment.GetEnvironmentVariable("ENGINE_WORD_QUESTIONS");
        Assert.SkipWhen(
            string.IsNullOrEmpty(path) || string.IsNullOrEmpty(questions),
            "the vectors are 307 MB: set ENGINE_WORD_VECTORS to their JSON file and ENGINE_WORD_QUESTIONS to a folder with the files of analogies and similarity");
        using JsonDocument file = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Fixture.RepositoryRoot, "tests", "Fixtures", "word_eval.json")));
        JsonElement root = file.RootElement;
        Match how = HowMany().Match(root.GetProperty("vectors").GetString()!);
        WordVectors vectors = Read(path!, Number(how.Groups["words"].Value), Number(how.Groups["size"].Value));
        foreach (JsonProperty section in root.GetProperty("analogy").EnumerateObject())
        {
            AnalogyScore expected = Score(section);
            AnalogyScore actual = Assert.Single(WordAnalogies.Evaluate(vectors, section.Name, File.ReadAllText(Find(questions!, section.Name))));
            TestContext.Current.TestOutputHelper!.WriteLine($"{actual} (expected {expected.Correct})");
            Assert.Equal((expected.Questions, expected.InVocabulary), (actual.Questions, actual.InVocabulary));
            Assert.InRange(actual.Correct, expected.Correct - Ties, expected.Correct + Ties);
        }

        foreach (JsonProperty set in root.GetProperty("similarity").EnumerateObject())
        {
            SimilarityScore actual = WordSimilarity.Evaluate(vectors, set.Name, File.ReadAllText(Find(questions!, set.Name)));
            TestContext.Current.TestOutputHelper!.WriteLine($"{set.Name}: {actual}");
            AssertSimilarity(set.Value, actual, 1e-4);
        }

        AssertNeighbours(root.GetProperty("neighbours"), vectors);
    }

    private static AnalogyScore Score(in JsonProperty section) => new(
        section.Name, section.Value.GetProperty("questions").GetInt32(), section.Value.GetProperty("in_vocabulary").GetInt32(), section.Value.GetProperty("correct").GetInt32());

    private static void AssertSimilarity(JsonElement expected, SimilarityScore actual, double tolerance)
    {
        Assert.Equal((expected.GetProperty("pairs").GetInt32(), expected.GetProperty("in_vocabulary").GetInt32()), (actual.Pairs, actual.InVocabulary));
        Assert.Equal(expected.GetProperty("spearman").GetDouble(), actual.Spearman, tolerance);
    }

    private static void AssertNeighbours(JsonElement expected, WordVectors vectors)
    {
        foreach (JsonProperty word in expected.EnumerateObject())
        {
            string[] near = [.. word.Value.EnumerateArray().Select(w => w.GetString()!)];
            int id = vectors.IndexOf(word.Name);
            Assert.Equal(near, vectors.Nearest(vectors[id], near.Length, [id]).Select(n => vectors.Words[n.Word]));
        }
    }

    // {"vectors": {word: [numbers, …]}}: the first words in the file's order, of each the first numbers.
    private static WordVectors Read(string path, int count, int size)
    {
        List<string> words = [];
        List<float> values = [];
        Utf8JsonReader json = new(File.ReadAllBytes(path));
        while (json.Read() && !(json.CurrentDepth == 1 && json.TokenType == JsonTokenType.PropertyName && json.ValueTextEquals("vectors"u8)))
        {
        }

        json.Read();
        while (words.Count < count && json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            words.Add(json.GetString()!);
            json.Read();
            for (int i = 0; json.Read() && json.TokenType != JsonTokenType.EndArray; i++)
            {
                if (i < size)
                {
                    values.Add(json.GetSingle());
                }
            }
        }

        return new WordVectors(words, [.. values]);
    }

    private static string Find(string folder, string name) => Assert.Single(Directory.GetFiles(folder, name, SearchOption.AllDirectories));

    private static int Number(string text) => int.Parse(text, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"first (?<words>[\d,]+) keys.*\((?<size>\d+)\) numbers")]
    private static partial Regex HowMany();
}
