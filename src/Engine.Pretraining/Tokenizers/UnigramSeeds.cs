namespace Engine.Pretraining.Tokenizers;

/// <summary>
/// The pieces that training of a unigram model begins with: stretches of words that occur at least twice, those of the
/// greatest count × length. Lengths are counted one after the other, and a stretch counts only if both stretches that are
/// one character shorter do, so that memory grows with what is frequent and not with the text.
/// </summary>
internal static class UnigramSeeds
{
    /// <summary>The longest piece in UTF-16 units (SentencePiece, max_sentencepiece_length).</summary>
    public const int Longest = 16;

    /// <summary>Seeds and their counts, at most <paramref name="most"/>; among equals in ordinal order.</summary>
    public static List<(string Piece, long Count)> Find(IReadOnlyList<(string Word, long Count)> words, int most)
    {
        List<(string Piece, long Count)> found = [];
        Dictionary<string, long> shorter = [];
        for (int length = 2; length <= Longest; length++)
        {
            Dictionary<string, long> counts = [];
            Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> lookup = counts.GetAlternateLookup<ReadOnlySpan<char>>();
            Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> known = shorter.GetAlternateLookup<ReadOnlySpan<char>>();
            foreach ((string word, long count) in words)
            {
                for (int start = 0; start + length <= word.Length; start++)
                {
                    ReadOnlySpan<char> piece = word.AsSpan(start, length);
                    if (length == 2 || (known.ContainsKey(piece[1..]) && known.ContainsKey(piece[..^1])))
                    {
                        System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(lookup, piece, out _) += count;
                    }
                }
            }

            shorter = counts.Where(c => c.Value >= 2).ToDictionary(StringComparer.Ordinal);

            // Half a character is no piece, though it may lead to one.
            found.AddRange(shorter.Where(c => !char.IsLowSurrogate(c.Key[0]) && !char.IsHighSurrogate(c.Key[^1]) && !IsOne(c.Key)).Select(c => (c.Key, c.Value)));
            if (shorter.Count == 0)
            {
                break;
            }
        }

        return [.. found.OrderByDescending(s => s.Count * s.Piece.Length).ThenBy(s => s.Piece, StringComparer.Ordinal).Take(most)];
    }

    private static bool IsOne(string piece) => piece.Length == 2 && char.IsSurrogatePair(piece[0], piece[1]);
}
