using Engine.Pretraining.Generation;
using Xunit;

namespace Engine.Pretraining.Tests.Generation;

public sealed class BleuTests
{
    private static readonly string[] s_candidates = ["The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."];

    // The example of sacreBLEU's README and tests.
    [Fact]
    public void The_published_value_with_two_references() => Assert.Equal(
        48.530827,
        Bleu.Corpus(
            s_candidates,
            ["The dog bit the man.", "It was not unexpected.", "The man bit him first."],
            ["The dog had bit the man.", "No one was surprised.", "The man had bitten the dog."]),
        6);

    // Counted by hand: 12/13, 8/11, 5/9, 2/7 and 13 tokens for 16.
    [Fact]
    public void One_reference_and_a_brevity_penalty() => Assert.Equal(
        100 * Math.Pow(12.0 / 13 * 8 / 11 * 5 / 9 * 2 / 7, 0.25) * Math.Exp(1 - (16.0 / 13)),
        Bleu.Corpus(
            ["Ein Mann mit 2,5 Hunden steht im Park.", "Zwei Frauen reden."],
            ["Ein Mann mit 2,5 Hunden sitzt im Park.", "Zwei Frauen reden miteinander, laut."]),
        9);

    [Fact]
    public void A_copy_has_100_and_no_common_four_words_have_none()
    {
        Assert.Equal(100, Bleu.Corpus(s_candidates, s_candidates), 9);
        Assert.Equal(0, Bleu.Corpus(["one two three four"], ["four three two one"]));
        Assert.Equal(0, Bleu.Corpus([string.Empty], ["a b c d e"]));
    }

    [Theory]
    [InlineData("The dog bit the man.", "The dog bit the man .")]
    [InlineData("It costs $3,500.00, i.e. a lot (really)!", "It costs $ 3,500.00 , i . e . a lot ( really ) !")]
    [InlineData("Wasn't it 10-12 o'clock? -- well-known", "Wasn't it 10 - 12 o'clock ? -- well-known")]
    [InlineData("Ärger &amp; Co. 3.5% a/b", "Ärger & Co . 3.5 % a / b")]
    [InlineData("„Ja!“, sagte er", "„Ja ! “ , sagte er")]
    public void Tokens_are_those_of_mteval_13a(string line, string expected) => Assert.Equal(expected, string.Join(' ', Bleu.Tokenize13a(line)));

    [Fact]
    public void Lists_of_different_lengths_are_refused() => Assert.Equal(
        "BLEU: 1 candidates and 2 references; expected one reference a candidate.",
        Assert.Throws<EngineException>(() => Bleu.Corpus(["a"], ["a", "b"])).Message);
}
