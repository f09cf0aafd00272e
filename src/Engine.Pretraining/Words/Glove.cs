using System.Runtime.Intrinsics;
using Engine.Pretraining.Data;

namespace Engine.Pretraining.Words;

/// <summary>
/// GloVe (Pennington et al. 2014): vectors w and w̃ with w_i·w̃_j + b_i + b̃_j ≈ ln x_ij, by AdaGrad on ½·f(x)·(difference)² with
/// f(x) = min(1, (x/x_max)^α), one pair at a time. What is kept is w + w̃. One thread; the same bits every time.
/// </summary>
public sealed unsafe class Glove
{
    private const ulong InitialStream = 1;
    private readonly IReadOnlyList<string> _words;
    private readonly GloveConfig _config;

    /// <summary>Untrained vectors, uniform within ±½/D.</summary>
    /// <param name="words">The words that pairs number, without sentence ends.</param>
    /// <param name="config">How to train.</param>
    /// <exception cref="EngineException">The configuration is not valid, or the tables are too large.</exception>
    public Glove(IReadOnlyList<string> words, GloveConfig config)
    {
        ArgumentNullException.ThrowIfNull(words);
        ArgumentNullException.ThrowIfNull(config);
        (_words, _config) = (words, config.Validated());
        RandomStream random = new(config.Seed, InitialStream);
        Vectors = [New(), New()];
        Biases = [new float[words.Count], new float[words.Count]];
        for (int side = 0; side < 2; side++)
        {
            for (int i = 0; i < words.Count; i++)
            {
                foreach (ref float x in Vectors[side][i])
                {
                    x = (random.NextUniform() - 0.5f) / config.VectorSize;
                }

                Biases[side][i] = (random.NextUniform() - 0.5f) / config.VectorSize;
            }
        }

        // AdaGrad's sums start at 1; ones in the padding as well, where every step is 0.
        Squares = [New(), New()];
        BiasSquares = [new float[words.Count], new float[words.Count]];
        for (int side = 0; side < 2; side++)
        {
            Array.Fill(BiasSquares[side], 1f);
            for (int i = 0; i < words.Count; i++)
            {
                new Span<float>(Squares[side].Row(i), Squares[side].Stride).Fill(1f);
            }
        }

        WordMatrix New() => new(words.Count, config.VectorSize);
    }

    /// <summary>w and w̃.</summary>
    internal WordMatrix[] Vectors { get; }

    /// <summary>b and b̃.</summary>
    internal float[][] Biases { get; }

    /// <summary>AdaGrad's sums for <see cref="Vectors"/>.</summary>
    internal WordMatrix[] Squares { get; }

    /// <summary>AdaGrad's sums for <see cref="Biases"/>.</summary>
    internal float[][] BiasSquares { get; }

    /// <summary>w + w̃ as they are now.</summary>
    public WordVectors Sum
    {
        get
        {
            float[] sum = new float[_config.VectorSize];
            return WordVectors.From(
                _words,
                i =>
                {
                    for (int k = 0; k < sum.Length; k++)
                    {
                        sum[k] = Vectors[0][i][k] + Vectors[1][i][k];
                    }

                    return sum;
                },
                sum.Length);
        }
    }

    /// <summary>The weight of a pair: min(1, (x/x_max)^α).</summary>
    public static double Weight(double x, double xMax, double alpha) => x < xMax ? Math.Pow(x / xMax, alpha) : 1;

    /// <summary>Goes over the pairs as often as configured, each time in another order.</summary>
    /// <param name="pairs">The pairs of <see cref="Cooccurrences"/>.</param>
    /// <param name="progress">Is told the pass, from 1, and the mean cost of its pairs before their steps.</param>
    /// <param name="cancellation">Ends training after a pass.</param>
    /// <exception cref="EngineException">There are no pairs.</exception>
    public void Train(Cooccurrence[] pairs, Action<int, double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        for (int pass = 0; pass < _config.Iterations && !cancellation.IsCancellationRequested; pass++)
        {
            double cost = Pass(pairs, pass);
            progress?.Invoke(pass + 1, cost);
        }
    }

    /// <summary>Refuses a corpus without pairs.</summary>
    /// <exception cref="EngineException">There are none.</exception>
    internal static Cooccurrence[] Require(Cooccurrence[] pairs) => pairs.Length > 0
        ? pairs
        : throw new EngineException("GloVe: no two words of the vocabulary stand on one line, so there is nothing to train on.");

    /// <summary>Pass number <paramref name="number"/>, from 0, over the pairs, in an order of its own.</summary>
    internal double Pass(Cooccurrence[] pairs, int number)
    {
        Require(pairs);
        Permutation order = new(pairs.Length, _config.Seed, (ulong)number);
        double cost = 0;
        for (int i = 0; i < pairs.Length; i++)
        {
            cost += Step(pairs[order.At(i)]);
        }

        return cost / pairs.Length;
    }

    /// <summary>One pass in the given order; returns the mean of ½·f·difference² before each step.</summary>
    internal double Pass(ReadOnlySpan<Cooccurrence> pairs)
    {
        double cost = 0;
        foreach (Cooccurrence pair in pairs)
        {
            cost += Step(pair);
        }

        return cost / pairs.Length;
    }

    private double Step(Cooccurrence pair)
    {
        float* w = Vectors[0].Row(pair.I);
        float* v = Vectors[1].Row(pair.J);
        int stride = Vectors[0].Stride;
        double difference = WordMatrix.Dot(w, v, stride) + Biases[0][pair.I] + Biases[1][pair.J] - Math.Log(pair.X);
        double weighted = Weight(pair.X, _config.XMax, _config.Alpha) * difference;
        if (!double.IsFinite(weighted))
        {
            return 0;
        }

        Move(w, v, Squares[0].Row(pair.I), Squares[1].Row(pair.J), stride, (float)weighted);
        float bias = (float)(_config.ScaleBiases ? _config.Eta * weighted : weighted);
        Move(ref Biases[0][pair.I], ref BiasSquares[0][pair.I], bias);
        Move(ref Biases[1][pair.J], ref BiasSquares[1][pair.J], bias);
        return 0.5 * weighted * difference;
    }

    private static void Move(ref float value, ref float squares, float step)
    {
        value -= step / MathF.Sqrt(squares);
        squares += step * step;
    }

    // Both vectors from their values before the step: t = η·clip(g·other), then value −= t/√squares and squares += t².
    private void Move(float* w, float* v, float* squaresW, float* squaresV, int n, float g)
    {
        Vector256<float> clip = Vector256.Create((float)_config.GradClip);
        Vector256<float> eta = Vector256.Create((float)_config.Eta);
        for (int i = 0; i < n; i += Vector256<float>.Count)
        {
            Vector256<float> oldW = Vector256.Load(w + i);
            Vector256<float> oldV = Vector256.Load(v + i);
            Vector256<float> stepW = eta * Vector256.Min(Vector256.Max(oldV * g, -clip), clip);
            Vector256<float> stepV = eta * Vector256.Min(Vector256.Max(oldW * g, -clip), clip);
            Vector256<float> sumW = Vector256.Load(squaresW + i);
            Vector256<float> sumV = Vector256.Load(squaresV + i);
            (oldW - (stepW / Vector256.Sqrt(sumW))).Store(w + i);
            (oldV - (stepV / Vector256.Sqrt(sumV))).Store(v + i);
            (sumW + (stepW * stepW)).Store(squaresW + i);
            (sumV + (stepV * stepV)).Store(squaresV + i);
        }
    }
}
