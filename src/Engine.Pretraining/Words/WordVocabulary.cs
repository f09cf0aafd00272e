using System.Runtime.InteropServices;

namespace Engine.Pretraining.Words;

/// <summary>
/// The words of a corpus and how often they occur, as word2vec.c counts them (Mikolov et al. 2013): separated by blanks, tabs
/// and line ends; each line end is the word <see cref="SentenceEnd"/>, which is always number 0. The others follow by falling count,
/// those of one count in the order of their first appearance; words that are too rare are left out.
/// </summary>
public sealed class WordVocabulary
{
    /// <summary>What a line end counts as.</summary>
    public const string SentenceEnd = "</s>";

    private readonly Dictionary<string, int> _index;

    private WordVocabulary(IReadOnlyList<string> words, IReadOnlyList<long> counts)
    {
        (Words, Counts) = (words, counts);
        _index = new(words.Count);
        for (int i = 0; i < words.Count; i++)
        {
            _index.Add(words[i], i);
        }
    }

    /// <summary>The words, by number.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>How often each word occurs.</summary>
    public IReadOnlyList<long> Counts { get; }

    /// <summary>Occurrences of all words, sentence ends included.</summary>
    public long Total => Counts.Sum();

    /// <summary>Counts the words of a text.</summary>
    /// <param name="name">What the text is called in messages: a path.</param>
    /// <param name="text">The text; a last line without a line end counts as if it had one.</param>
    /// <param name="minCount">Words that occur less often are left out; 5 in word2vec.c.</param>
    /// <exception cref="EngineException">No word occurs often enough, or the minimum is below 1.</exception>
    public static WordVocabulary Count(string name, ReadOnlySpan<char> text, int minCount = 5)
    {
        if (minCount < 1)
        {
            throw new EngineException($"min_frequency is {minCount}; expected at least 1.");
        }

        Dictionary<string, (int First, long Count)> counts = new() { [SentenceEnd] = (0, 0) };
        var bySpan = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (ReadOnlySpan<char> word in new WordReader(text))
        {
            ref (int First, long Count) entry = ref CollectionsMarshal.GetValueRefOrAddDefault(bySpan, word, out bool there);
            entry = there ? (entry.First, entry.Count + 1) : (counts.Count, 1);
        }

        KeyValuePair<string, (int First, long Count)>[] kept =
            [.. counts.Where(w => w.Key != SentenceEnd && w.Value.Count >= minCount).OrderByDescending(w => w.Value.Count).ThenBy(w => w.Value.First)];
        if (kept.Length == 0)
        {
            (string? most, (int, long Count) value) = counts.Where(w => w.Key != SentenceEnd).OrderByDescending(w => w.Value.Count).FirstOrDefault();
            throw new EngineException(most is null
                ? $"{name}: has no words."
                : $"{name}: no word occurs {minCount} times; the most frequent one, '{most}', occurs {value.Count}. Lower min_frequency or use a larger corpus.");
        }

        return new WordVocabulary([SentenceEnd, .. kept.Select(w => w.Key)], [counts[SentenceEnd].Count, .. kept.Select(w => w.Value.Count)]);
    }

    /// <summary>The same words in the order of a tokenizer that was made of them, with their counts in a text.</summary>
    /// <param name="words">The words, the sentence end first.</param>
    /// <param name="text">The text.</param>
    public static WordVocabulary Recount(IReadOnlyList<string> words, ReadOnlySpan<char> text)
    {
        ArgumentNullException.ThrowIfNull(words);
        long[] counts = new long[words.Count];
        WordVocabulary vocabulary = new(words, counts);
        foreach (int id in vocabulary.Encode(text))
        {
            counts[id]++;
        }

        return vocabulary;
    }

    /// <summary>The word's number, or −1 if it is not in the vocabulary.</summary>
    public int IndexOf(string word) => _index.GetValueOrDefault(word, -1);

    /// <summary>The words of a text as numbers; those outside the vocabulary are left out.</summary>
    public int[] Encode(ReadOnlySpan<char> text)
    {
        var bySpan = _index.GetAlternateLookup<ReadOnlySpan<char>>();
        List<int> ids = new(text.Length / 6);
        foreach (ReadOnlySpan<char> word in new WordReader(text))
        {
            if (bySpan.TryGetValue(word, out int id))
            {
                ids.Add(id);
            }
        }

        return [.. ids];
    }
}
