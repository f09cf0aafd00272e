namespace Engine.Pretraining.Configuration;

/// <summary>The "did you mean" of error messages.</summary>
public static class Nearest
{
    /// <summary>
    /// The candidate with the least edit distance (Levenshtein 1966: insertions, deletions, substitutions) to
    /// <paramref name="word"/>, or null if none is within a third of the word's length.
    /// </summary>
    public static string? Find(string word, IEnumerable<string> candidates)
    {
        ArgumentNullException.ThrowIfNull(word);
        ArgumentNullException.ThrowIfNull(candidates);
        string? best = null;
        int bestDistance = Math.Max(1, word.Length / 3) + 1;
        foreach (string candidate in candidates)
        {
            int distance = Distance(word, candidate);
            if (distance < bestDistance)
            {
                (best, bestDistance) = (candidate, distance);
            }
        }

        return best;
    }

    /// <summary><c> Did you mean X?</c>, or nothing.</summary>
    public static string Suggest(string word, IEnumerable<string> candidates, string prefix = "") =>
        Find(word, candidates) is { } near ? $" Did you mean {prefix}{near}?" : string.Empty;

    private static int Distance(string a, string b)
    {
        int[] row = new int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++)
        {
            row[j] = j;
        }

        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[b.Length];
    }
}
