using System.Numerics;

namespace Engine.Pretraining.Generation;

/// <summary>
/// Draws the next token from a row of scores: repetition penalty, temperature, then top-k, top-p and min-p, then the draw. Only tokens that
/// are kept are put in order, so a cut costs little more than a look at every score.
/// </summary>
public sealed class TokenSampler(SamplingOptions options)
{
    private readonly SamplingOptions _options = options.Validated();
    private readonly RandomStream _random = new(options.Seed, stream: 3);
    private readonly TokenHeap _heap = new();
    private float[] _penalised = [];
    private bool[] _seen = [];
    private double[] _weights = [];

    /// <summary>The index drawn from scores (V).</summary>
    /// <param name="scores">One for each token.</param>
    /// <param name="text">The tokens so far, for the repetition penalty.</param>
    /// <exception cref="EngineException">No score is a finite number.</exception>
    public int Next(ReadOnlySpan<float> scores, ReadOnlySpan<int> text = default)
    {
        if (_weights.Length != scores.Length)
        {
            (_weights, _penalised, _seen) = (new double[scores.Length], new float[scores.Length], new bool[scores.Length]);
        }

        scores = Penalised(scores, text);
        int best = Greatest(scores);
        if (!float.IsFinite(scores[best]))
        {
            throw new EngineException("generate: the model's scores are not finite; the checkpoint may come from a diverged run.");
        }

        if (_options.Temperature == 0f)
        {
            return best;
        }

        double total = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            _weights[i] = Math.Exp((scores[i] - scores[best]) / _options.Temperature);
            total += _weights[i];
        }

        return _options.TopK == 0 && _options.TopP >= 1f && _options.MinP == 0f ? DrawAll(total) : DrawKept(total);
    }

    private ReadOnlySpan<float> Penalised(ReadOnlySpan<float> scores, ReadOnlySpan<int> text)
    {
        float penalty = _options.RepetitionPenalty;
        if (penalty == 1f || text.IsEmpty)
        {
            return scores;
        }

        scores.CopyTo(_penalised);
        foreach (int token in text)
        {
            if (!_seen[token])
            {
                _seen[token] = true;
                _penalised[token] = scores[token] > 0f ? scores[token] / penalty : scores[token] * penalty;
            }
        }

        foreach (int token in text)
        {
            _seen[token] = false;
        }

        return _penalised;
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

    private int DrawAll(double total)
    {
        double left = _random.NextUniform() * total;
        for (int i = 0; i < _weights.Length - 1; i++)
        {
            left -= _weights[i];
            if (left < 0)
            {
                return i;
            }
        }

        return _weights.Length - 1;
    }

    // Takes tokens from the most likely down until a cut says enough. The weight of the most likely is 1.
    private int DrawKept(double total)
    {
        _heap.Fill(_weights);
        int most = _options.TopK > 0 ? Math.Min(_options.TopK, _weights.Length) : _weights.Length;
        if (_options.TopK > 0)
        {
            // Top-p is a share of what top-k has left.
            total = 0;
            for (int i = 0; i < most; i++)
            {
                total += _weights[_heap.Take(i)];
            }
        }

        int kept = 0;
        double reached = 0;
        while (kept < most && (kept == 0 || (reached < _options.TopP * total && _weights[_heap.Take(kept)] >= _options.MinP)))
        {
            reached += _weights[_heap.Take(kept)];
            kept++;
        }

        double left = _random.NextUniform() * reached;
        for (int i = 0; i < kept - 1; i++)
        {
            left -= _weights[_heap.Take(i)];
            if (left < 0)
            {
                return _heap.Take(i);
            }
        }

        return _heap.Take(kept - 1);
    }
}
