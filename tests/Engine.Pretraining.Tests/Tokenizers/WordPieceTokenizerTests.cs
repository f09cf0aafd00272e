using Engine.Pretraining.Data;
using Engine.Pretraining.Tokenizers;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Pretraining.Tests.Tokenizers;

public sealed class WordPieceTokenizerTests
{
    private static readonly string s_corpus = Corpus.Load(Corpus.TinyShakespeare).Text[..50_000];
    private readonly WordPieceTokenizer _tokenizer = WordPieceTokenizer.Train(s_corpus, 500);

    [Theory]
    [InlineData("Hello, WORLD!", "hello|,|world|!")]
    [InlineData(" \t tabs\r\nand\u00A0nbsp\u3000wide ", "tabs|and|nbsp|wide")]
    [InlineData("naïve café Ärger größer SMØRREBRØD", "naive|cafe|arger|großer|smørrebrød")]
    [InlineData("e\u0301 ǖ İstanbul K\u0308 Å", "e|u|istanbul|k|a")]
    [InlineData("a\u0000b\uFFFDc\u200Bd\u00ADe\u0007f", "abcdef")]
    [InlineData("$100 +5% it's `x` ^~ …", "$|100|+|5|%|it|'|s|`|x|`|^|~|…")]
    [InlineData("中文x分詞，\uF900豈", "中|文|x|分|詞|，|豈|豈")]
    [InlineData("한국", "한국")]
    [InlineData("a≠b \u037E", "a|=|b|;")]
    [InlineData("𝐀🙂 ΣΑΣ Привет ё", "𝐀🙂|σασ|привет|е")]
    [InlineData("हिन्दी", "हिनदी")]
    public void Words_are_those_of_Bert(string text, string words)
    {
        List<string> found = [];
        for (BertWords walk = new(text, BertNormalization.Uncased); walk.MoveNext();)
        {
            found.Add(walk.Current.ToString());
        }

        // Hangul syllables and U+1D400 are compared as what they decompose into.
        Assert.Equal(words.Replace("한국", "\u1112\u1161\u11AB\u1100\u116E\u11A8", StringComparison.Ordinal).Split('|'), found);
    }

    [Fact]
    public void The_longest_piece_is_taken_from_the_left()
    {
        // The example of the BERT repository.
        string?[] vocabulary = ["[UNK]", "un", "##aff", "##able", "##a", "u", "unaffx"];
        WordPieceTokenizer tokenizer = new(vocabulary, new() { [0] = "[UNK]" }, 0, BertNormalization.Uncased, SequenceTemplate.None);
        Assert.Equal([1, 2, 3], tokenizer.Encode("Unaffable"));
        Assert.Equal([0, 5, 4, 0], tokenizer.Encode("unaffably ua xx"));
        Assert.Equal("unaffable u", tokenizer.Decode([1, 2, 3, 5]));
        Assert.Equal([0], tokenizer.Encode("u" + new string('a', 100)));
        Assert.Equal(100, tokenizer.Encode("u" + new string('a', 99)).Length);
    }

    [Fact]
    public void Training_gives_the_size_asked_for_and_knows_its_corpus()
    {
        Assert.Equal(500, _tokenizer.VocabSize);
        Assert.Equal(TokenizerFile.ToJson(_tokenizer), TokenizerFile.ToJson(WordPieceTokenizer.Train(s_corpus, 500)));
        int[] tokens = _tokenizer.Encode(s_corpus);
        Assert.DoesNotContain(_tokenizer.SpecialTokens.Unk!.Value, tokens);
        Assert.True(tokens.Length < s_corpus.Length / 2, "400 merges halve a text.");
        Assert.Equal("first citizen : before we proceed any further", _tokenizer.Decode(_tokenizer.Encode(s_corpus.AsSpan(0, 44))));
    }

    [Fact]
    public void Any_text_becomes_tokens_and_the_decoded_text_the_same_ones() => Prop.ForAll(TokenizerTests.Texts(), text =>
    {
        int[] tokens = _tokenizer.Encode(text);
        bool plain = tokens.All(t => t == _tokenizer.SpecialTokens.Unk || !_tokenizer.SpecialTokens.Contains(t));
        return plain && (tokens.Contains(_tokenizer.SpecialTokens.Unk!.Value) || _tokenizer.Encode(_tokenizer.Decode(tokens)).SequenceEqual(tokens));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void The_text_of_a_special_token_is_text()
    {
        SpecialTokens special = _tokenizer.SpecialTokens;
        Assert.Equal((0, 1, 2, 3, 4), (special.Pad, special.Unk, special.Cls, special.Sep, special.Mask));
        WordPieceTokenizer trained = WordPieceTokenizer.Train("[MASK] [CLS] [UNK] [MASK] [CLS] [UNK]", 100);
        Assert.DoesNotContain(trained.Encode("[MASK] [CLS] [UNK]"), trained.SpecialTokens.Contains);
    }

    [Fact]
    public void Small_corpora_and_small_vocabularies_are_told_apart()
    {
        // h n o t, ##n ##o ##t; then ho and hot.
        Assert.Equal(5 + 7, WordPieceTokenizer.Train("hot hot ton", 5000, minFrequency: 9).VocabSize);
        Assert.Equal(5 + 7 + 2, WordPieceTokenizer.Train("hot hot ton", 5000).VocabSize);
        Assert.Equal(
            "tokenizer wordpiece: vocab_size 9 has no room for 5 special tokens and the 5 forms of the corpus's characters; it must be at least 10.",
            Assert.Throws<EngineException>(() => WordPieceTokenizer.Train("abc", 9)).Message);
    }

    [Fact]
    public void Streamed_words_have_blanks_between_them()
    {
        TextStream stream = new(_tokenizer);
        int[] tokens = _tokenizer.Encode("before we proceed any further");
        Assert.Equal("before we proceed any further", string.Concat(tokens.Select(stream.Push)));
    }
}
