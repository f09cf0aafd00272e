using System.Text;
using System.Text.RegularExpressions;
using Engine.Pretraining.Data;
using Engine.Pretraining.Tokenizers;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Pretraining.Tests.Tokenizers;

public sealed class BytePairTokenizerTests
{
    private static readonly string s_corpus = Corpus.Load(Corpus.TinyShakespeare).Text[..50_000];
    private readonly BytePairTokenizer _tokenizer = BytePairTokenizer.Train(s_corpus, 700);

    [Fact]
    public void Every_character_of_Unicode_round_trips()
    {
        StringBuilder all = new();
        for (int c = 0; c <= 0x10FFFF; c++)
        {
            if (Rune.IsValid(c))
            {
                all.Append(new Rune(c));
            }
        }

        string text = all.ToString();
        Assert.Equal(text, _tokenizer.Decode(_tokenizer.Encode(text)));
    }

    [Fact]
    public void Any_text_round_trips_and_makes_no_special_token() => Prop.ForAll(TokenizerTests.Texts(), text =>
    {
        int[] tokens = _tokenizer.Encode(text);
        return _tokenizer.Decode(tokens) == text && !tokens.Any(_tokenizer.SpecialTokens.Contains);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void What_is_remembered_of_pieces_changes_no_token()
    {
        // Pieces of 7 to 9 characters, of one letter, with what is not ASCII or is zero, at the end of a text and inside; spans are found without a memory.
        string[] parts = ["a", " a", "abcdefg", " abcdefg", "abcdefgh", " abcdefgh", "abcdefghi", "A\0", "A", "é", "aé", "ab\u0100cd", "\0", " the", "Ab", "bA", "\n", "'s", "123", "🎉"];
        Prop.ForAll(Gen.Elements(parts).ListOf().Select(p => string.Concat(p)).ToArbitrary(), text =>
        {
            int[] expected = [.. _tokenizer.EncodeSpans(text).Select(s => s.Id)];
            return _tokenizer.Encode(text).SequenceEqual(expected) && _tokenizer.Encode(text).SequenceEqual(expected);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
    }

    [Fact]
    public void The_text_of_a_special_token_is_text()
    {
        string special = string.Join("", _tokenizer.Special.Values);
        BytePairTokenizer trained = BytePairTokenizer.Train(string.Concat(Enumerable.Repeat(special, 20)), 5000);
        int[] tokens = trained.Encode(special);
        Assert.DoesNotContain(tokens, trained.SpecialTokens.Contains);
        Assert.Equal(special, trained.Decode(tokens));
    }

    [Fact]
    public void Pieces_are_merged_as_the_definition_says() => Prop.ForAll(TokenizerTests.Texts(), text =>
    {
        List<int> expected = [];
        foreach (string cut in Pieces(_tokenizer.Settings.Pattern, text))
        {
            List<int> piece = [.. Encoding.UTF8.GetBytes(cut).Select(b => 105 + Array.IndexOf(ByteLetters.Order, b))];
            while (true)
            {
                int rank = Enumerable.Range(0, piece.Count - 1).Select(i => Rank(piece[i], piece[i + 1])).DefaultIfEmpty(int.MaxValue).Min();
                if (rank == int.MaxValue)
                {
                    break;
                }

                int at = Enumerable.Range(0, piece.Count - 1).First(i => Rank(piece[i], piece[i + 1]) == rank);
                piece[at] = 361 + rank;
                piece.RemoveAt(at + 1);
            }

            expected.AddRange(piece);
        }

        return _tokenizer.Encode(text).SequenceEqual(expected);

        int Rank(int left, int right)
        {
            int rank = _tokenizer.Merges.ToList().IndexOf(new Merge(left, right));
            return rank < 0 ? int.MaxValue : rank;
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Long_pieces_are_merged_like_short_ones()
    {
        // Letters of one piece too long for a search of all pairs; its halves, cut where no merge crosses, are short.
        BytePairTokenizer pairs = BytePairTokenizer.Train(string.Concat(Enumerable.Repeat("ab ba aab ", 100)), 380, extraIds: 0);
        string run = string.Concat(Enumerable.Repeat("aabba", 9));
        int[] once = pairs.Encode(run + "z");
        Assert.Equal(Enumerable.Repeat(once, 40).SelectMany(t => t), pairs.Encode(string.Concat(Enumerable.Repeat(run + "z", 40))));
        Assert.Equal(1_000_000, pairs.Decode(pairs.Encode(new string('a', 1_000_000))).Length);
    }

    [Fact]
    public void Training_is_deterministic_and_gives_the_size_asked_for()
    {
        Assert.Equal(700, _tokenizer.VocabSize);
        Assert.Equal(TokenizerFile.ToJson(_tokenizer), TokenizerFile.ToJson(BytePairTokenizer.Train(s_corpus, 700)));
        Assert.True(_tokenizer.Encode(s_corpus).Length < s_corpus.Length / 2, "340 merges halve a text.");
    }

    [Fact]
    public void A_corpus_too_small_for_the_vocabulary_gives_fewer_tokens()
    {
        // th, the, Ġthe: three merges of pairs that occur twice.
        BytePairTokenizer tokenizer = BytePairTokenizer.Train("the the the", 5000);
        Assert.Equal(361 + 3, tokenizer.VocabSize);
        Assert.Equal(5 + 256, BytePairTokenizer.Train("", 5000, extraIds: 0).VocabSize);
    }

    [Fact]
    public void Special_tokens_have_the_roles_of_RoBERTa_and_T5()
    {
        SpecialTokens special = _tokenizer.SpecialTokens;
        Assert.Equal((0, 1, 2, 3, 4), (special.Bos, special.Pad, special.Eos, special.Unk, special.Mask));
        Assert.Equal((0, 2), (special.Cls, special.Sep));
        Assert.Equal(Enumerable.Range(5, 100), special.Sentinels);
        Assert.Equal("<s><extra_id_7>", _tokenizer.Decode([0, 12]));
        Assert.Empty(BytePairTokenizer.Train(s_corpus, 300, extraIds: 0).SpecialTokens.Sentinels);
    }

    [Theory]
    [InlineData("I'll we've they'RE don't O'Neill's", "I|'ll| we|'ve| they|'|RE| don|'t| O|'|Neill|'s")]
    [InlineData("  two  leading   and inner    spaces ", " | two| | leading|  | and| inner|   | spaces| ")]
    [InlineData("a\n\n  b\t\tc\r\n", "a|\n\n | b|\t|\t|c|\r\n")]
    [InlineData("x=3.14; y²½ 𝟘 五", "x|=|3|.|14|;| y|²½| 𝟘| 五")]
    [InlineData(" '", " '")]
    [InlineData("e\u0301 🙂🙂! \u00A0x", "e|\u0301| 🙂🙂!| |\u00A0|x")]
    public void Text_is_cut_as_by_the_pattern_of_Gpt2(string text, string pieces)
    {
        Assert.Equal(pieces.Split('|'), Pieces(new Gpt2Pattern(), text));
    }

    [Theory]
    [InlineData("I'LL we'Ve it'ſ don't", "I|'LL| we|'Ve| it|'ſ| don|'t")]
    [InlineData("12345 x=3;\n\n  y\n \t z  ", "123|45| x|=|3|;\n\n| | y|\n| \t| z|  ")]
    [InlineData("(a)!b\r\nc \n", "(a|)!|b|\r\n|c| \n")]
    public void Text_is_cut_as_by_the_pattern_of_Llama3(string text, string pieces) => Assert.Equal(pieces.Split('|'), Pieces(new Gpt4Pattern(3), text));

    /// <summary>To .NET's expressions characters beyond U+FFFF are no letters, so the texts have none.</summary>
    [Fact]
    public void Cuts_are_those_of_the_regular_expressions() => Prop.ForAll(TokenizerTests.Texts(), text =>
    {
        const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
        return Same(new Gpt2Pattern(), Gpt2) && Array.TrueForAll([new Gpt4Pattern(1), new Gpt4Pattern(3)], p => Same(p, p.Regex));

        bool Same(PiecePattern pattern, string regex) => Regex.Matches(text, regex).Select(m => m.Value).SequenceEqual(Pieces(pattern, text));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void Mistakes_are_named()
    {
        Assert.Equal(
            "tokenizer bpe: vocab_size 300 has no room for 256 bytes, 5 special tokens and 100 sentinels (extra_ids); it must be at least 361.",
            Assert.Throws<EngineException>(() => BytePairTokenizer.Train("ab", 300)).Message);
        Assert.Equal(
            "bpe tokenizer: token 700 at position 1 is not in the vocabulary of 700 tokens.",
            Assert.Throws<EngineException>(() => _tokenizer.Decode([0, 700])).Message);
        Assert.StartsWith(
            "bpe tokenizer: the text has half a surrogate pair (U+D83D) at position 1",
            Assert.Throws<EngineException>(() => _tokenizer.Encode("a" + (char)0xD83D)).Message);
    }

    private static List<string> Pieces(PiecePattern pattern, string text)
    {
        List<string> found = [];
        for (int start = 0; start < text.Length;)
        {
            int end = pattern.End(text, start);
            found.Add(text[start..end]);
            start = end;
        }

        return found;
    }
}
