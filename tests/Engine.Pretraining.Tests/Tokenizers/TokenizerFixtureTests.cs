using System.Text.Json;
using System.Text.Json.Nodes;
using Engine.Pretraining.Tokenizers;
using Engine.Testing;
using Xunit;

namespace Engine.Pretraining.Tests.Tokenizers;

/// <summary>Ids of awkward texts under published vocabularies; see tests/Fixtures/README.md.</summary>
public sealed class TokenizerFixtureTests
{
    private static readonly string s_folder = Path.Combine(Fixture.RepositoryRoot, "tests", "Fixtures");

    public static TheoryData<string> Files => [.. Directory.EnumerateFiles(s_folder, "tokenizer_*.json").Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Ids_are_those_of_the_reference(string file)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(s_folder, file)));
        JsonElement root = document.RootElement;
        ITokenizer read = TokenizerFile.Parse(root.GetProperty("tokenizer").GetRawText(), file);
        ITokenizer written = TokenizerFile.Parse(TokenizerFile.ToJson(read), file);
        JsonElement.ArrayEnumerator ids = root.GetProperty("ids").EnumerateArray();
        foreach (JsonElement text in root.GetProperty("texts").EnumerateArray())
        {
            ids.MoveNext();
            int[] expected = [.. ids.Current.EnumerateArray().Select(id => id.GetInt32())];
            Assert.Equal(expected, read.Encode(text.GetString()));
            Assert.Equal(expected, written.Encode(text.GetString()));
        }

        Assert.False(ids.MoveNext());
    }

    [Fact]
    public void There_are_files() => Assert.NotEmpty(Files);

    [Theory]
    [InlineData("\"type\":\"BPE\"", "\"type\":\"Chars\"", "f.json: model is Chars; this program reads BPE of bytes, BPE and Unigram in the manner of SentencePiece, WordPiece as BERT's and WordLevel split at white space.")]
    [InlineData("\"normalizer\":null", "\"normalizer\":{\"type\":\"Nmt\"}", "f.json: normalizer is Nmt; this program reads ")]
    [InlineData("\"normalizer\":null", "\"normalizer\":{\"type\":\"Replace\",\"pattern\":{\"Regex\":\"a.c\"},\"content\":\"\"}", "f.json: normalizer is Replace of \"a.c\"; this program reads ")]
    [InlineData("\"type\":\"ByteLevel\"", "\"type\":\"Digits\"", "f.json: pre_tokenizer is Digits; this program reads ")]
    [InlineData("\"byte_fallback\":false", "\"byte_fallback\":true", "f.json: byte_fallback is true; this program reads ")]
    [InlineData("\"a\":2", "\"a\":1", "f.json: the token \"a\" with id 1 contradicts another line of the vocabulary.")]
    [InlineData("\"a\":2", "\"a\":-1", "f.json: the token \"a\" with id -1 contradicts another line of the vocabulary.")]
    [InlineData("\"a\":2", "\"a\":2000000000", "f.json: the vocabulary is empty or has an id beyond 16777216.")]
    [InlineData("\"ab\":3", "\"a b\":3", "f.json: the token \"a b\" is not written in the letters of byte-level BPE.")]
    [InlineData("[\"a b\"]", "[\"a c\"]", "f.json: the token \"c\" is not in the vocabulary.")]
    [InlineData("[\"a b\"]", "[\"ab\"]", "f.json: merge 0 is not of two tokens.")]
    [InlineData("[\"a b\"]", "[[\"a\", \"b\"]]", "f.json: the vocabulary has no token for byte 33; it is not a byte-level one.")]
    [InlineData("[\"a b\"]", "7", "f.json: is not a tokenizer file (")]
    public void What_a_file_asks_for_in_vain_is_named(string old, string changed, string message)
    {
        const string Good = """
            {"added_tokens":[{"id":0,"content":"<s>"}],"normalizer":null,"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false},
            "model":{"type":"BPE","byte_fallback":false,"vocab":{"b":1,"a":2,"ab":3},"merges":["a b"]}}
            """;
        string bad = Good.Replace(old, changed, StringComparison.Ordinal);
        Assert.NotEqual(Good, bad);
        Assert.StartsWith(message, Assert.Throws<EngineException>(() => TokenizerFile.Parse(bad, "f.json")).Message);
    }

    [Fact]
    public void A_file_can_cut_as_Llama3_and_take_whole_pieces()
    {
        JsonNode file = JsonNode.Parse(TokenizerFile.ToJson(BytePairTokenizer.Train("the the the 1234 1234", 400, extraIds: 0)))!;
        JsonNode split = new JsonObject
        {
            ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = new Gpt4Pattern(3).Regex }, ["behavior"] = "Isolated", ["invert"] = false,
        };
        JsonNode bytes = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["use_regex"] = false };
        file["pre_tokenizer"] = new JsonObject { ["type"] = "Sequence", ["pretokenizers"] = new JsonArray(split, bytes) };
        file["model"]!["ignore_merges"] = true;
        file["model"]!["merges"] = new JsonArray();
        ITokenizer read = TokenizerFile.Parse(file.ToJsonString(), "f.json");
        ITokenizer written = TokenizerFile.Parse(TokenizerFile.ToJson(read), "f.json");
        Assert.Equal(["the", " the", " ", "1", "2", "3", "4"], read.Encode("the the 1234").Select(t => read.Decode([t])));
        Assert.Equal(read.Encode("the the 1234"), written.Encode("the the 1234"));
        split["pattern"]!["Regex"] = ".";
        Assert.StartsWith("f.json: Split is .; this program reads ", Assert.Throws<EngineException>(() => TokenizerFile.Parse(file.ToJsonString(), "f.json")).Message);
    }
}
