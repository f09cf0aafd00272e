using System.Text.Json;
using Engine.Pretraining.Data;
using Engine.Pretraining.Tokenizers;
using Engine.Testing;
using Xunit;

namespace Engine.Pretraining.Tests.Tokenizers;

/// <summary>
/// Ids of awkward texts and of the beginning of Shakespeare under published vocabularies, as the programs that they belong to
/// make them (tokenizers.json). Vocabularies too large to be kept here come from the folder of ENGINE_TOKENIZERS_DIR, which
/// tests/Fixtures/tokenizers.sh fills; see tests/Fixtures/README.md.
/// </summary>
public sealed class PublishedTokenizerTests
{
    private const int Excerpt = 20000;
    private static readonly string s_file = Path.Combine(Fixture.Folder, "tokenizers.json");

    public static TheoryData<string> Names => [.. Root().GetProperty("tokenizers").EnumerateObject().Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Ids_are_those_of_the_reference(string name)
    {
        JsonElement entry = Root().GetProperty("tokenizers").GetProperty(name);
        string reference = entry.GetProperty("reference").GetString()!;
        ITokenizer read = Load(name, entry);
        Assert.Equal(entry.TryGetProperty("vocab_size", out JsonElement size) ? size.GetInt32() : read.VocabSize, read.VocabSize);
        ITokenizer written = TokenizerFile.Parse(TokenizerFile.ToJson(read), name);
        Assert.Equal(TokenizerFile.Fingerprint(read), TokenizerFile.Fingerprint(written));

        // Null: the reference cannot take the text.
        int[]?[] expected = [.. entry.GetProperty("ids").EnumerateArray().Select(ids => ids.ValueKind == JsonValueKind.Null ? null : Ids(ids))];
        string[] texts = [.. Root().GetProperty("texts").EnumerateArray().Select(t => t.GetString()!)];
        Assert.Equal(texts.Length, expected.Length);
        for (int i = 0; i < texts.Length; i++)
        {
            int[] plain = read.Encode(texts[i]);
            Assert.Equal(expected[i] ?? plain, expected[i] is null ? plain : Encode(read, reference, texts[i]));
            Assert.Equal(Encode(read, reference, texts[i]), Encode(written, reference, texts[i]));
            Assert.Equal(plain, read.EncodeSpans(texts[i]).Select(s => s.Id));
            if (entry.TryGetProperty("decoded", out JsonElement decoded) && decoded[i].GetString() is string text)
            {
                Assert.Equal(text, read.Decode(plain));
            }
        }

        int[] ids = Encode(read, reference, Corpus.Load(Corpus.TinyShakespeare).Text[..Excerpt]);
        JsonElement facts = entry.GetProperty("tinyshakespeare_first_20000_chars");
        Assert.Equal(Ids(facts.GetProperty("first20")), ids[..20]);
        Assert.Equal(Ids(facts.GetProperty("last20")), ids[^20..]);
        Assert.Equal((facts.GetProperty("count").GetInt32(), facts.GetProperty("sum").GetInt64()), (ids.Length, ids.Sum(id => (long)id)));
    }

    [Fact]
    public void Merges_are_learned_as_the_rule_says()
    {
        JsonElement run = Root().GetProperty("bpe_training");
        int[][] expected = [.. run.GetProperty("merges_with_count").EnumerateArray().Select(Ids)];
        string corpus = run.GetProperty("corpus").GetString()!;
        int bytes = int.Parse(corpus.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        int[] text = [.. System.Text.Encoding.UTF8.GetBytes(Corpus.Load(Corpus.TinyShakespeare).Text).Take(bytes).Select(b => (int)b)];
        MergeTrainer trainer = new();
        trainer.Add(text, 1);
        List<Merge> merges = trainer.Train(256, expected.Length, 1);
        Assert.Equal(expected.Select(m => new Merge(m[0], m[1])), merges);
        int left = new MergeTable(merges, [.. Enumerable.Range(256, merges.Count)]).Apply(text);
        Assert.Equal(run.GetProperty("tokens_after").GetInt32(), left);
        Assert.Equal(Ids(run.GetProperty("first40")), text[..40]);
    }

    internal static int[] Ids(JsonElement list) => [.. list.EnumerateArray().Select(i => i.GetInt32())];

    /// <summary>Hugging Face's programs know special tokens in a text, and were told whether to put some around it.</summary>
    private static int[] Encode(ITokenizer tokenizer, string reference, string text)
    {
        int[] ids = reference.Contains("add_special_tokens", StringComparison.Ordinal) ? SpecialText.Encode(tokenizer, text) : tokenizer.Encode(text);
        return reference.Contains("add_special_tokens=true", StringComparison.Ordinal) ? tokenizer.Template.Apply(ids) : ids;
    }

    private static ITokenizer Load(string name, JsonElement entry)
    {
        string file = entry.TryGetProperty("file", out JsonElement path) ? Path.GetFileName(path.GetString()!) : string.Empty;
        string kept = Path.Combine(Fixture.RepositoryRoot, "tests", "Fixtures", "sentencepiece", file);
        if (file.Length > 0 && File.Exists(kept))
        {
            return TokenizerFile.Load(kept);
        }

        string? folder = Environment.GetEnvironmentVariable("ENGINE_TOKENIZERS_DIR");
        Assert.SkipWhen(folder is null, "The vocabulary is too large to be kept here: tests/Fixtures/tokenizers.sh FOLDER downloads it, ENGINE_TOKENIZERS_DIR names the folder.");
        string there = Path.Combine(folder!, name);
        Assert.SkipUnless(Directory.Exists(there), $"ENGINE_TOKENIZERS_DIR has no folder {name}: its vocabulary may not be redistributed by the packages that the script downloads.");
        return TokenizerFile.Load(there);
    }

    private static JsonElement Root() => JsonDocument.Parse(File.ReadAllBytes(s_file)).RootElement;
}
