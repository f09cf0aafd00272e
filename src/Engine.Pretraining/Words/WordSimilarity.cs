using System.Globalization;

namespace Engine.Pretraining.Words;

/// <summary>How well cosines order pairs of words as people do.</summary>
/// <param name="Pairs">Pairs of the set.</param>
/// <param name="InVocabulary">Those of which both words have a vector; only they count.</param>
/// <param name="Spearman">Spearman's correlation of cosines and human scores; NaN if there are fewer than two pairs or all are equal.</param>
public sealed record SimilarityScore(int Pairs, int InVocabulary, double Spearman);

/// <summary>Word similarity: lines of two words and a human score.</summary>
public static class WordSimilarity
{
    /// <summary>Compares the cosines of a text's pairs with their scores.</summary>
    /// <param name="vectors">The vectors.</param>
    /// <param name="name">The text's name, for messages.</param>
    /// <param name="text">Lines of two words and a number; words are looked up in lower case.</param>
    /// <exception cref="EngineException">A line is something else; names it.</exception>
    public static SimilarityScore Evaluate(WordVectors vectors, string name, string text)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        ArgumentNullException.ThrowIfNull(text);
        List<double> human = [];
        List<double> cosines = [];
        int pairs = 0;
        int number = 0;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            number++;
            string[] fields = line.ToString().Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length == 0)
            {
                continue;
            }

            if (fields.Length != 3 || !double.TryParse(fields[2], CultureInfo.InvariantCulture, out double score))
            {
                throw new EngineException($"{name}: line {number} is not two words and a number.");
            }

            pairs++;
            int a = vectors.IndexOf(fields[0].ToLowerInvariant());
            int b = vectors.IndexOf(fields[1].ToLowerInvariant());
            if (a >= 0 && b >= 0)
            {
                human.Add(score);
                cosines.Add(vectors.Cosine(a, b));
            }
        }

        return new(pairs, human.Count, Spearman([.. human], [.. cosines]));
    }

    /// <summary>Spearman's rank correlation; equal values share the mean of their ranks.</summary>
    public static double Spearman(double[] x, double[] y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        double[] a = Ranks(x);
        double[] b = Ranks(y);
        double mean = (a.Length + 1) / 2.0;
        double product = 0, squareA = 0, squareB = 0;
        for (int i = 0; i < a.Length; i++)
        {
            product += (a[i] - mean) * (b[i] - mean);
            squareA += (a[i] - mean) * (a[i] - mean);
            squareB += (b[i] - mean) * (b[i] - mean);
        }

        return product / Math.Sqrt(squareA * squareB);
    }

    private static double[] Ranks(double[] x)
    {
        int[] order = [.. Enumerable.Range(0, x.Length).OrderBy(i => x[i])];
        double[] ranks = new double[x.Length];
        for (int first = 0; first < order.Length;)
        {
            int end = first;
            while (end < order.Length && x[order[end]] == x[order[first]])
            {
                end++;
            }

            for (int i = first; i < end; i++)
            {
                ranks[order[i]] = (first + 1 + end) / 2.0;
            }

            first = end;
        }

        return ranks;
    }
}
