namespace Engine.Pretraining.Objectives.Masking;

/// <summary>How long masked spans are: a distribution over 1 … <see cref="Longest"/> words or tokens.</summary>
public sealed class SpanLaw
{
    private readonly double[] _upTo;

    private SpanLaw(int longest, Func<int, double> weight)
    {
        double[] weights = [.. Enumerable.Range(1, longest).Select(weight)];
        double total = weights.Sum();
        double sum = 0;
        Probabilities = [.. weights.Select(w => w / total)];
        _upTo = [.. Probabilities.Select(p => sum += p)];
    }

    /// <summary>Single words or tokens: BERT and RoBERTa.</summary>
    public static SpanLaw Single { get; } = new(1, _ => 1);

    /// <summary>SpanBERT's law: geometric with p = 0.2 up to 10, normalised, as the authors' code clips it; the mean is 3.8.</summary>
    public static SpanLaw SpanBert { get; } = Geometric(0.2, 10);

    /// <summary>The longest span.</summary>
    public int Longest => _upTo.Length;

    /// <summary>Place n − 1 holds the probability of a span of n.</summary>
    public IReadOnlyList<double> Probabilities { get; }

    /// <summary>P(n) ∝ (1 − p)ⁿ⁻¹ for n up to <paramref name="longest"/> (Joshi et al. 2020, section 3.1).</summary>
    public static SpanLaw Geometric(double p, int longest) => new(longest, n => p * Math.Pow(1 - p, n - 1));

    /// <summary>P(n) ∝ 1/n for n up to <paramref name="longest"/>: ALBERT's n-grams, with 3 (Lan et al. 2020, section 4.1).</summary>
    public static SpanLaw NGrams(int longest) => new(longest, n => 1.0 / n);

    /// <summary>Draws a length; takes one number, or none if there is only one length.</summary>
    public int Draw(RandomStream random)
    {
        if (Longest == 1)
        {
            return 1;
        }

        double u = random.NextUniform();
        int n = 1;
        while (n < Longest && u >= _upTo[n - 1])
        {
            n++;
        }

        return n;
    }
}
