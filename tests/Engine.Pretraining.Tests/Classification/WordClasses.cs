using System.Text;
using Engine.Pretraining.Data;

namespace Engine.Pretraining.Tests.Classification;

/// <summary>
/// Text of two kinds of words: seven of eight of a sentence's are of its own kind, besides some that all share, and its end says which
/// kind it is. The kind is the sentence's class. Sentences to train on and to test on have no word of a kind in common, and the spelling
/// does not show it, so that only what was learned from the text itself can help.
/// </summary>
internal static class WordClasses
{
    private const int Words = 20;

    /// <summary>Documents of twelve sentences of one kind each.</summary>
    public static byte[] Corpus(int documents)
    {
        RandomStream random = new(1, 1);
        StringBuilder text = new();
        for (int d = 0; d < documents; d++)
        {
            int kind = d % 2;
            for (int s = 0; s < 12; s++)
            {
                text.Append(Sentence(random, kind, 0, Words)).Append(kind == 0 ? " so even\n" : " so odd\n");
            }

            text.Append('\n');
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>Labelled sentences, of the first half of each kind's words or of the second.</summary>
    public static IReadOnlyList<LabelledSentence> Sentences(int count, bool test)
    {
        RandomStream random = new(test ? 3UL : 2UL, 1);
        (int first, int end) = test ? (Words / 2, Words) : (0, Words / 2);
        return [.. Enumerable.Range(0, count).Select(i => new LabelledSentence(i % 2 == 0 ? "even" : "odd", Sentence(random, i % 2, first, end), i + 1))];
    }

    private static string Sentence(RandomStream random, int kind, int first, int end) => string.Join(' ', Enumerable.Range(0, 7).Select(i =>
        i % 3 == 2 ? $"the{random.NextInt(4)}" : Word(random.NextInt(8) == 0 && end - first == Words ? 1 - kind : kind, first + (int)random.NextInt(end - first))));

    // 40 words in an order that mixes the kinds.
    private static string Word(int kind, int index)
    {
        int place = (int)new Permutation(2 * Words, 1, 0).At((2 * index) + kind);
        return $"{(char)('a' + (place % 8))}{(char)('i' + (place / 8))}";
    }
}
