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
    private readonly bool _drawsAll = options.TopK == 0 && options.TopP >= 1f && options.MinP == 0f;
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
        int best = Weigh(scores, text, out double total);
        return _options.Temperature == 0f ? best : _drawsAll ? Draw(_weights, total) : DrawKept(Keep(total, out double reached), reached);
    }

    /// <summary>The probabilities that <see cref="Next"/> draws with: 0 for what is cut, and 1 for the best token where it does not draw.</summary>
    /// <param name="scores">As for <see cref="Next"/>.</param>
    /// <param name="text">Likewise.</param>
    /// <param name="probabilities">One for each token.</param>
    /// <exception cref="EngineException">No score is a finite number.</exception>
    public void Distribute(ReadOnlySpan<float> scores, ReadOnlySpan<int> text, Span<double> probabilities)
    {
        int best = Weigh(scores, text, out double total);
        probabilities.Clear();
        if (_options.Temperature == 0f)
        {
            probabilities[best] = 1;
            return;
        }

        int kept = _drawsAll ? 0 : Keep(total, out total);
        for (int i = 0; i < (_drawsAll ? scores.Length : kept); i++)
        {
            int token = _drawsAll ? i : _heap.Take(i);
            probabilities[token] = _weights[token] / total;
        }
    }

    /// <summary>Draws an index with weights that sum up to <paramref name="total"/>.</summary>
    internal int Draw(ReadOnlySpan<double> weights, double total)
    {
        double left = _random.NextUniform() * total;
        int last = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            left -= weights[i];
            if (left < 0)
            {
                return i;
            }

            last = weights[i] > 0 ? i : last;
        }

        // Rounding has left a rest.
        return last;
    }

    /// <summary>Whether something happens that has this probability.</summary>
    internal bool Happens(double probability) => probability >= 1 || _random.NextUniform() < probability;

    // The best token, and unless that is all that is asked for, everyone's weight: 1 for the best.
    private int Weigh(ReadOnlySpan<float> scores, ReadOnlySpan<int> text, out double total)
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

        total = 0;
        for (int i = 0; i < scores.Length && _options.Temperature > 0f; i++)
        {
            _weights[i] = Math.Exp((scores[i] - scores[best]) / _options.Temperature);
            total += _weights[i];
        }

        return best;
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

    // Takes tokens from the most likely down until a cut says enough.
    private int Keep(double total, out double reached)
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
        reached = 0;
        while (kept < most && (kept == 0 || (reached < _options.TopP * total && _weights[_heap.Take(kept)] >= _options.MinP)))
        {
            reached += _weights[_heap.Take(kept)];
            kept++;
        }

        return kept;
    }

    private int DrawKept(int kept, double reached)
    {
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
