using System.Numerics;

namespace Engine.Pretraining.Generation;

/// <summary>Draws the next token from a row of scores: temperature, then top-k, then top-p, then the draw.</summary>
public sealed class TokenSampler(SamplingOptions options)
{
    private readonly SamplingOptions _options = options.Validated();
    private readonly RandomStream _random = new(options.Seed, stream: 3);
    private Comparison<int>? _byProbability;
    private int[] _order = [];
    private double[] _probability = [];

    /// <summary>The index drawn from scores (V).</summary>
    /// <exception cref="EngineException">No score is a finite number.</exception>
    public int Next(ReadOnlySpan<float> scores)
    {
        if (_order.Length != scores.Length)
        {
            _order = new int[scores.Length];
            _probability = new double[scores.Length];
        }

        int best = Greatest(scores);
        if (!float.IsFinite(scores[best]))
        {
            throw new EngineException("generate: the model's scores are not finite; the checkpoint may come from a diverged run.");
        }

        if (_options.Temperature == 0f)
        {
            return best;
        }

        for (int i = 0; i < scores.Length; i++)
        {
            _order[i] = i;

            // Negated, so that the ascending sort below puts the most likely first.
            _probability[i] = -Math.Exp((scores[i] - scores[best]) / _options.Temperature);
        }

        int kept = Truncate();
        double total = 0;
        for (int i = 0; i < kept; i++)
        {
            total -= _probability[i];
        }

        double left = _random.NextUniform() * total;
        for (int i = 0; i < kept - 1; i++)
        {
            left += _probability[i];
            if (left < 0)
            {
                return _order[i];
            }
        }

        return _order[kept - 1];
    }

    // The first of the greatest, NaN left out.
    private static int Greatest(ReadOnlySpan<float> scores)
    {
        Vector<float> most = new(float.NegativeInfinity);
        int i = 0;
        for (; i + Vector<float>.Count <= scores.Length; i += Vector<float>.Count)
        {
            Vector<float> x = new(scores[i..]);
            most = Vector.ConditionalSelect(Vector.GreaterThan(x, most), x, most);
        }

        float greatest = float.NegativeInfinity;
        for (int place = 0; place < Vector<float>.Count; place++)
        {
            greatest = MathF.Max(greatest, most[place]);
        }

        for (; i < scores.Length; i++)
        {
            greatest = scores[i] > greatest ? scores[i] : greatest;
        }

        return Math.Max(0, scores.IndexOf(greatest));
    }

    // Sorts only if a cut is asked for; equal scores stay in index order on every machine because the index breaks ties.
    private int Truncate()
    {
        int kept = _order.Length;
        if (_options.TopK == 0 && _options.TopP >= 1f)
        {
            return kept;
        }

        Array.Sort(_order, _byProbability ??= ByProbability);
        Array.Sort(_probability);
        kept = _options.TopK > 0 ? Math.Min(kept, _options.TopK) : kept;
        double total = 0;
        for (int i = 0; i < kept; i++)
        {
            total -= _probability[i];
        }

        double reached = 0;
        for (int i = 0; i < kept; i++)
        {
            reached -= _probability[i];
            if (reached >= _options.TopP * total)
            {
                return i + 1;
            }
        }

        return kept;
    }

    private int ByProbability(int a, int b) =>
        _probability[a] != _probability[b] ? _probability[a].CompareTo(_probability[b]) : a.CompareTo(b);
}
