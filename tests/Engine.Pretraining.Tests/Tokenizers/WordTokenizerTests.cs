using Engine.Pretraining.Tokenizers;
using Xunit;

namespace Engine.Pretraining.Tests.Tokenizers;

public sealed class WordTokenizerTests
{
    private const string Text = "the cat sat . the dog <unk> .\nThe cat <s> <s> sat on the mat .";

    [Fact]
    public void The_most_frequent_words_come_first()
    {
        WordTokenizer tokenizer = WordTokenizer.Train(Text, 100);
        Assert.Equal(4 + 4, tokenizer.VocabSize);
        Assert.Equal([4, 5, 6, 7], tokenizer.Encode(". the  cat\tsat"));
        Assert.Equal(". the cat <unk>", tokenizer.Decode([4, 5, 6, 0]));
        Assert.Equal(6, WordTokenizer.Train(Text, 6).VocabSize);
        Assert.Equal(4 + 8, WordTokenizer.Train(Text, 100, minFrequency: 1).VocabSize);
    }

    [Fact]
    public void Other_words_are_unknown_also_those_spelled_like_special_tokens()
    {
        WordTokenizer tokenizer = WordTokenizer.Train(Text, 100, minFrequency: 1);
        Assert.Equal((0, 1, 2, 3), (tokenizer.SpecialTokens.Unk, tokenizer.SpecialTokens.Pad, tokenizer.SpecialTokens.Bos, tokenizer.SpecialTokens.Eos));
        Assert.Equal([0, 0, 0], tokenizer.Encode("<unk> <s> zebra"));
    }

    [Fact]
    public void Mistakes_are_named()
    {
        Assert.Equal(
            "tokenizer word: vocab_size 4 has no room for words beside 4 special tokens; it must be at least 5.",
            Assert.Throws<EngineException>(() => WordTokenizer.Train(Text, 4)).Message);
        Assert.Equal(
            "word tokenizer: token 8 at position 0 is not in the vocabulary of 8 words.",
            Assert.Throws<EngineException>(() => WordTokenizer.Train(Text, 100).Decode([8])).Message);
    }
}
