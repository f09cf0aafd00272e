using System.Runtime.InteropServices;

namespace Engine.Pretraining.Tokenizers;

/// <summary>How often each piece of a text occurs. Memory grows with the distinct pieces, not with the text.</summary>
internal sealed class WordCounts
{
    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    public WordCounts() => _lookup = _counts.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The distinct pieces and their counts, in no order that anything may depend on.</summary>
    public IReadOnlyCollection<KeyValuePair<string, long>> All => _counts;

    /// <summary>Counts occurrences.</summary>
    public void Add(ReadOnlySpan<char> word, long count = 1) => CollectionsMarshal.GetValueRefOrAddDefault(_lookup, word, out _) += count;
}
