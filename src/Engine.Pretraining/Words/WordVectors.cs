namespace Engine.Pretraining.Words;

/// <summary>Words and their vectors, and which of them are close: what word2vec and GloVe leave behind.</summary>
public sealed class WordVectors
{
    private readonly Dictionary<string, int> _index;
    private readonly float[] _values;
    private readonly float[] _lengths;

    /// <summary>Vectors of given words.</summary>
    /// <param name="words">The words, all different.</param>
    /// <param name="values">Their vectors one behind the other, (V, D).</param>
    /// <exception cref="EngineException">A word occurs twice, or the numbers do not make one vector a word.</exception>
    public WordVectors(IReadOnlyList<string> words, float[] values)
    {
        ArgumentNullException.ThrowIfNull(words);
        ArgumentNullException.ThrowIfNull(values);
        if (words.Count == 0 || values.Length == 0 || values.Length % words.Count != 0)
        {
            throw new EngineException($"{words.Count} words and {values.Length} numbers are not one vector for each word.");
        }

        (Words, Size, _values) = (words, values.Length / words.Count, values);
        _index = new(words.Count);
        _lengths = new float[words.Count];
        for (int i = 0; i < words.Count; i++)
        {
            if (!_index.TryAdd(words[i], i))
            {
                throw new EngineException($"The word '{words[i]}' has two vectors.");
            }

            _lengths[i] = MathF.Sqrt(Dot(this[i], this[i]));
        }
    }

    /// <summary>The words, by number.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>D, numbers of a vector.</summary>
    public int Size { get; }

    /// <summary>The vector of word number <paramref name="i"/>.</summary>
    public ReadOnlySpan<float> this[int i] => _values.AsSpan(i * Size, Size);

    /// <summary>The word's number, or −1.</summary>
    public int IndexOf(string word) => _index.GetValueOrDefault(word, -1);

    /// <summary>The cosine of the angle between the vectors of two words; 0 if one of them has no length.</summary>
    public float Cosine(int a, int b) => Divide(Dot(this[a], this[b]), _lengths[a] * _lengths[b]);

    /// <summary>The words whose vectors point most nearly where <paramref name="direction"/> does, best first; the first of equals in the vocabulary's order.</summary>
    /// <param name="direction">D numbers.</param>
    /// <param name="count">So many words, or fewer if there are no more.</param>
    /// <param name="without">Numbers of words that do not count.</param>
    /// <param name="among">Only the first so many words of the vocabulary; all by default.</param>
    public (int Word, float Cosine)[] Nearest(ReadOnlySpan<float> direction, int count, ReadOnlySpan<int> without = default, int? among = null)
    {
        float length = MathF.Sqrt(Dot(direction, direction));
        List<(int Word, float Cosine)> best = [];
        for (int i = 0; i < Math.Min(Words.Count, among ?? Words.Count); i++)
        {
            float cosine = Divide(Dot(direction, this[i]), length * _lengths[i]);
            if ((best.Count < count || cosine > best[^1].Cosine) && !without.Contains(i))
            {
                int at = best.Count;
                while (at > 0 && cosine > best[at - 1].Cosine)
                {
                    at--;
                }

                best.Insert(at, (i, cosine));
                if (best.Count > count)
                {
                    best.RemoveAt(count);
                }
            }
        }

        return [.. best];
    }

    /// <summary>The direction from a to b, starting at c, of unit vectors: b/|b| − a/|a| + c/|c| (Mikolov et al., "Linguistic regularities in continuous space word representations", 2013).</summary>
    public float[] Analogy(int a, int b, int c)
    {
        float[] direction = new float[Size];
        for (int i = 0; i < Size; i++)
        {
            direction[i] = Divide(this[b][i], _lengths[b]) - Divide(this[a][i], _lengths[a]) + Divide(this[c][i], _lengths[c]);
        }

        return direction;
    }

    internal delegate ReadOnlySpan<float> Row(int i);

    internal static WordVectors From(IReadOnlyList<string> words, Row row, int size)
    {
        float[] values = new float[words.Count * size];
        for (int i = 0; i < words.Count; i++)
        {
            row(i).CopyTo(values.AsSpan(i * size));
        }

        return new WordVectors(words, values);
    }

    private static float Divide(float x, float y) => y > 0 ? x / y : 0f;

    // In eight parts, which the compiler keeps in one vector.
    private static float Dot(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        System.Numerics.Vector<float> sum = default;
        int i = 0;
        for (; i + System.Numerics.Vector<float>.Count <= x.Length; i += System.Numerics.Vector<float>.Count)
        {
            sum += new System.Numerics.Vector<float>(x[i..]) * new System.Numerics.Vector<float>(y[i..]);
        }

        float rest = System.Numerics.Vector.Sum(sum);
        for (; i < x.Length; i++)
        {
            rest += x[i] * y[i];
        }

        return rest;
    }
}
