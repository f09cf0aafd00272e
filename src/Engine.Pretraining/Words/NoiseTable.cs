namespace Engine.Pretraining.Words;

/// <summary>
/// The distribution that negative samples are drawn from: P(w) ∝ count(w)^0.75 (Mikolov et al., "Distributed representations of words
/// and phrases and their compositionality", 2013). word2vec.c spreads the words over a table of 10⁸ places and draws a place; here only where
/// each word's places begin is kept, which gives the same words for the same random numbers without 400 MB that no cache holds.
/// </summary>
internal sealed class NoiseTable
{
    /// <summary>Places of word2vec.c's table.</summary>
    public const int Places = 100_000_000;

    private const double Power = 0.75;
    private const int Shift = 14;
    private readonly int[] _starts;
    private readonly int[] _first;

    /// <summary>The table of a vocabulary.</summary>
    /// <param name="counts">Occurrences of each word.</param>
    public NoiseTable(IReadOnlyList<long> counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        Probabilities = [.. counts.Select(c => Math.Pow(c, Power))];
        double total = Probabilities.Sum();

        // A word ends with the first place beyond its share; the last word takes what is left, and each one at least a place.
        _starts = new int[counts.Count];
        double share = 0;
        int at = 0;
        for (int i = 0; i < counts.Count; i++)
        {
            _starts[i] = at;
            Probabilities[i] /= total;
            share += Probabilities[i];
            int last = (int)Math.Min(Places, Math.Max(at, Math.Floor(share * Places)));
            while (last > at && (last - 1) / (double)Places > share)
            {
                last--;
            }

            while (last < Places && last / (double)Places <= share)
            {
                last++;
            }

            at = Math.Min(Places, last + 1);
        }

        _first = new int[(Places >> Shift) + 1];
        for (int block = 0, word = 0; block < _first.Length; block++)
        {
            while (word + 1 < _starts.Length && _starts[word + 1] <= block << Shift)
            {
                word++;
            }

            _first[block] = word;
        }
    }

    /// <summary>P(w) of each word.</summary>
    public double[] Probabilities { get; }

    /// <summary>The word at a place from 0 to <see cref="Places"/> − 1.</summary>
    public int At(int place)
    {
        int word = _first[place >> Shift];
        while (word + 1 < _starts.Length && _starts[word + 1] <= place)
        {
            word++;
        }

        return word;
    }
}
