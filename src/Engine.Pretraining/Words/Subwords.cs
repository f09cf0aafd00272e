using System.Text;

namespace Engine.Pretraining.Words;

/// <summary>
/// The parts of words that fastText gives vectors to (Bojanowski et al., "Enriching word vectors with subword information", 2017): the
/// n-grams of &lt;word&gt; by code points, hashed into a fixed number of buckets.
/// </summary>
public static class Subwords
{
    /// <summary>Buckets of the published program.</summary>
    public const int Buckets = 2_000_000;

    /// <summary>The n-grams by start and then by length; a single character at an edge is none.</summary>
    /// <param name="word">The word, without its marks.</param>
    /// <param name="least">The shortest, in code points.</param>
    /// <param name="most">The longest.</param>
    public static IReadOnlyList<string> Ngrams(string word, int least = 3, int most = 6)
    {
        Rune[] runes = [.. $"<{word}>".EnumerateRunes()];
        List<string> ngrams = [];
        for (int start = 0; start < runes.Length; start++)
        {
            for (int length = least; length <= most && start + length <= runes.Length; length++)
            {
                if (length > 1 || (start > 0 && start + length < runes.Length))
                {
                    ngrams.Add(string.Concat(runes[start..(start + length)]));
                }
            }
        }

        return ngrams;
    }

    /// <summary>The bucket of an n-gram: FNV-1a over its UTF-8 bytes, each sign-extended as in the published program.</summary>
    public static int Bucket(string ngram, int buckets = Buckets)
    {
        uint hash = 2166136261;
        foreach (byte b in Encoding.UTF8.GetBytes(ngram))
        {
            hash = unchecked((hash ^ (uint)(sbyte)b) * 16777619);
        }

        return (int)(hash % (uint)buckets);
    }
}
