using System.Text;
using Engine.Pretraining.Generation;
using Engine.Pretraining.Tokenizers;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Pretraining.Tests.Tokenizers;

public sealed class TokenizerTests
{
    [Fact]
    public void Any_valid_text_round_trips() => Prop.ForAll(ArbMap.Default.ArbFor<NonEmptyString>(), s =>
    {
        string text = Valid(s.Get) + "é🙂\0\n";
        ITokenizer[] tokenizers = [CharTokenizer.FromText(text), new ByteTokenizer(), BytePairTokenizer.Train(text, 400)];
        return Array.TrueForAll(tokenizers, t =>
        {
            int[] tokens = t.Encode(text);
            ITokenizer loaded = TokenizerFile.Parse(TokenizerFile.ToJson(t), "t.json");
            return t.Decode(tokens) == text && Array.TrueForAll(tokens, id => id >= 0 && id < t.VocabSize)
                && loaded.Encode(text).SequenceEqual(tokens) && TokenizerFile.Fingerprint(loaded) == TokenizerFile.Fingerprint(t);
        });
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("bpe")]
    [InlineData("wordpiece")]
    [InlineData("word")]
    [InlineData("unigram")]
    public void A_trained_tokenizer_survives_its_file(string kind)
    {
        const string Text = "To be, or not to be: that is the question. \u00a0\"To be\" \\ né né 中文 中文";
        ITokenizer made = TokenizerFile.Create(kind, Text, 500, minFrequency: 1, extraIds: 2);
        ITokenizer loaded = TokenizerFile.Parse(TokenizerFile.ToJson(made), "t.json");
        Assert.Equal((kind, made.VocabSize), (loaded.Kind, loaded.VocabSize));
        Assert.Equal(made.Encode(Text), loaded.Encode(Text));
        Assert.Equal(made.Decode(made.Encode(Text)), loaded.Decode(made.Encode(Text)));
        Assert.Equivalent(made.SpecialTokens, loaded.SpecialTokens, strict: true);
        Assert.Equal(TokenizerFile.Fingerprint(made), TokenizerFile.Fingerprint(loaded));
    }

    [Fact]
    public void Characters_are_sorted_scalar_values()
    {
        CharTokenizer tokenizer = CharTokenizer.FromText("b🙂aé🙂b\uFFFD");
        Assert.Equal(5, tokenizer.VocabSize);
        Assert.Equal([1, 4, 0, 2, 3], tokenizer.Encode("b🙂aé\uFFFD"));
        Assert.Equal("🙂é", tokenizer.Decode([4, 2]));
        Assert.Empty(tokenizer.Encode(""));
    }

    [Theory]
    [InlineData("abXc", "char tokenizer: the character 'X' (U+0058) at position 2 is not in the vocabulary of 3 characters.")]
    [InlineData("ab\n", "char tokenizer: the character U+000A at position 2 is not in the vocabulary of 3 characters.")]
    [InlineData("a🙂", "char tokenizer: the character '🙂' (U+1F642) at position 1 is not in the vocabulary of 3 characters.")]
    public void An_unknown_character_is_named_with_its_position(string text, string expected) =>
        Assert.Equal(expected, Assert.Throws<EngineException>(() => CharTokenizer.FromText("abc").Encode(text)).Message);

    [Fact]
    public void Half_a_surrogate_pair_is_an_error()
    {
        string broken = "a" + (char)0xD83D + "b";
        string text = "the text has half a surrogate pair (U+D83D) at position 1; it is not valid Unicode.";
        Assert.Equal("char tokenizer: " + text, Assert.Throws<EngineException>(() => CharTokenizer.FromText(broken)).Message);
        Assert.Equal("byte tokenizer: " + text, Assert.Throws<EngineException>(() => new ByteTokenizer().Encode(broken)).Message);
    }

    [Fact]
    public void Ids_outside_the_vocabulary_are_errors()
    {
        Assert.Equal(
            "char tokenizer: token 3 at position 1 is not in the vocabulary of 3 characters.",
            Assert.Throws<EngineException>(() => CharTokenizer.FromText("abc").Decode([0, 3])).Message);
        Assert.Equal(
            "byte tokenizer: token -1 at position 0 is not in the vocabulary of 256 bytes.",
            Assert.Throws<EngineException>(() => new ByteTokenizer().Decode([-1])).Message);
        Assert.Equal("char tokenizer: the text is empty, so there is no vocabulary.", Assert.Throws<EngineException>(() => CharTokenizer.FromText("")).Message);
    }

    [Fact]
    public void A_cut_byte_sequence_decodes_with_a_replacement() => Assert.Equal("a\uFFFD", new ByteTokenizer().Decode([97, 0xF0, 0x9F]));

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"kind\":\"char\"}")]
    [InlineData("{\"kind\":\"char\",\"version\":1}")]
    [InlineData("{\"kind\":\"char\",\"version\":1,\"characters\":\"\"}")]
    [InlineData("{\"kind\":\"char\",\"version\":1,\"characters\":7}")]
    [InlineData("{\"kind\":\"char\",\"version\":1,\"characters\":\"ba\"}")]
    [InlineData("{\"kind\":\"char\",\"version\":1,\"characters\":\"aa\"}")]
    [InlineData("{\"kind\":\"char\",\"version\":1,\"characters\":\"\\uD800\"}")]
    [InlineData("{\"kind\":\"char\",\"version\":2,\"characters\":\"ab\"}")]
    [InlineData("{\"kind\":\"char\",\"version\":1.5,\"characters\":\"ab\"}")]
    [InlineData("{\"kind\":\"bpe\",\"version\":1}")]
    [InlineData("{\"kind\":5,\"version\":1}")]
    public void What_is_no_tokenizer_is_refused_by_name(string json) =>
        Assert.StartsWith("t.json: ", Assert.Throws<EngineException>(() => TokenizerFile.Parse(json, "t.json")).Message);

    [Theory]
    [InlineData("char")]
    [InlineData("bpe")]
    [InlineData("wordpiece")]
    [InlineData("word")]
    public void A_damaged_file_is_refused_or_read_never_a_crash(string kind)
    {
        using TemporaryFolder folder = new();
        const string Text = "\n abcdé🙂\"\\ abcd abcd";
        byte[] good = Encoding.UTF8.GetBytes(TokenizerFile.ToJson(TokenizerFile.Create(kind, Text, 400, extraIds: 1)));
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), ArbMap.Default.ArbFor<byte>(), ArbMap.Default.ArbFor<bool>(), (at, value, cut) =>
        {
            byte[] bad = [.. good];
            int position = (int)(((uint)at * 2654435761) % (uint)bad.Length);
            bad[position] = value;
            string path = folder.Write("t.json", cut ? bad.AsSpan(0, position) : bad);
            try
            {
                ITokenizer read = TokenizerFile.Load(path);
                read.Decode(read.Encode("abcd"));
            }
            catch (EngineException e)
            {
                return e.Message.StartsWith(path + ": ", StringComparison.Ordinal) || e.Message.StartsWith("char tokenizer: the character", StringComparison.Ordinal);
            }

            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
    }

    [Fact]
    public void Files_are_saved_and_loaded()
    {
        using TemporaryFolder folder = new();
        TokenizerFile.Save(CharTokenizer.FromText("hello"), folder.File("t.json"));
        Assert.Equal([1, 0], TokenizerFile.Load(folder.File("t.json")).Encode("he"));
        Assert.StartsWith(
            folder.File("no.json") + ": the tokenizer cannot be read: ",
            Assert.Throws<EngineException>(() => TokenizerFile.Load(folder.File("no.json"))).Message);
    }

    [Fact]
    public void Streamed_tokens_appear_when_their_character_is_whole()
    {
        ByteTokenizer bytes = new();
        TextStream stream = new(bytes);
        Assert.Equal(["a", "", "é", "", "", "", "🙂"], bytes.Encode("aé🙂").Select(stream.Push));
        Assert.Equal(["", "", "", "\uFFFD\uFFFD\uFFFD\uFFFD", "", "\uFFFDb"], new[] { 0x80, 0x80, 0x80, 0x80, 0xF0, 'b' }.Select(stream.Push));
        TextStream characters = new(CharTokenizer.FromText("ab\uFFFD"));
        Assert.Equal(["b", "", "\uFFFDa"], new[] { 1, 2, 0 }.Select(characters.Push));
        characters.Push(2);
        Assert.Equal("\uFFFD", characters.Flush());
        Assert.Equal("", characters.Flush());
    }

    [Theory]
    [InlineData("char", "a\nb", 0)]
    [InlineData("char", "ab", 0)]
    [InlineData("byte", "ab", 10)]
    [InlineData("bpe", "ab", 5 + 198)]
    [InlineData("wordpiece", "ab", 2)]
    [InlineData("word", "ab ab", 2)]
    public void Generation_has_a_token_to_start_from(string kind, string corpus, int first) =>
        Assert.Equal([first], Prompt.Default(TokenizerFile.Create(kind, corpus, 300, extraIds: 0)));

    [Fact]
    public void Kinds_have_names()
    {
        Assert.Equal("char", TokenizerFile.Create("char", "ab", 0).Kind);
        Assert.Equal("byte", TokenizerFile.Create("byte", "", 0).Kind);
        Assert.Equal("tokenizer: unknown kind morse; expected one of char, byte, bpe, metaspace, wordpiece, word, unigram, or the path of a tokenizer's file (.json, .model, .tiktoken, .txt, .bin) or of a model's folder (with a / in it).", Assert.Throws<EngineException>(() => TokenizerFile.Create("morse", "ab", 0)).Message);
    }

    /// <summary>Texts of what tokenizers cut at: letters, accents, ideographs, digits, blanks, apostrophes, punctuation, and any other character.</summary>
    internal static Arbitrary<string> Texts() => Gen.Frequency(
        (6, Gen.Elements("a", "the", "S", "'s", "'ll", "'", "é", "e\u0301", "中", "ж", "3", "²", ".", "?!", "\"", "_", "[", "<s>")),
        (3, Gen.Elements(" ", "  ", "\n", "\t", "\r\n", "\u00A0", "\u2003")),
        (1, Gen.Choose(0, 0xFFFD).Select(c => char.IsSurrogate((char)c) ? "x" : ((char)c).ToString()))).ListOf().Select(string.Concat).ToArbitrary();

    /// <summary>FsCheck's strings may hold lone surrogates, which are not text.</summary>
    private static string Valid(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
