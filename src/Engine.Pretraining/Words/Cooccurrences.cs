using System.Runtime.InteropServices;

namespace Engine.Pretraining.Words;

/// <summary>How often word <paramref name="I"/> has word <paramref name="J"/> near it, weighted by distance.</summary>
public readonly record struct Cooccurrence(int I, int J, double X);

/// <summary>
/// Counts of words near each other for GloVe (Pennington et al., "GloVe: global vectors for word representation", 2014, section 4.2): a pair at distance d inside the
/// window counts 1/d, in both orders. Windows end at line ends; words outside the vocabulary are left out before distances are
/// taken, as the published program does. All counts are in memory.
/// </summary>
public sealed class Cooccurrences
{
    private readonly Dictionary<long, double> _counts = [];
    private readonly int _words;

    private Cooccurrences(int words) => _words = words;

    /// <summary>Pairs that occur, in the order of their first words and then of the second.</summary>
    public Cooccurrence[] Entries =>
        [.. _counts.OrderBy(c => c.Key).Select(c => new Cooccurrence((int)(c.Key / _words), (int)(c.Key % _words), c.Value))];

    /// <summary>Counts the pairs of a corpus.</summary>
    /// <param name="ids">Words by number; negative numbers end a line.</param>
    /// <param name="words">Numbers run from 0 to this − 1.</param>
    /// <param name="window">The largest distance; 15 in the published program.</param>
    /// <exception cref="EngineException">The window is below 1.</exception>
    public static Cooccurrences Count(ReadOnlySpan<int> ids, int words, int window = 15)
    {
        if (window < 1)
        {
            throw new EngineException($"GloVe: window is {window}; expected at least 1.");
        }

        Cooccurrences counts = new(words);
        int start = 0;
        for (int at = 0; at < ids.Length; at++)
        {
            if (ids[at] < 0)
            {
                start = at + 1;
                continue;
            }

            for (int other = Math.Max(start, at - window); other < at; other++)
            {
                double x = 1.0 / (at - other);
                counts.Add(ids[at], ids[other], x);
                counts.Add(ids[other], ids[at], x);
            }
        }

        return counts;
    }

    private void Add(int i, int j, double x) =>
        CollectionsMarshal.GetValueRefOrAddDefault(_counts, ((long)i * _words) + j, out _) += x;
}
