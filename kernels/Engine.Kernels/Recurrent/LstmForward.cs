using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// The recurrent part of an LSTM (Hochreiter, Schmidhuber 1997; with forget gate, Gers et al. 2000), all steps in one launch:
/// (i f g o) = (σ σ tanh σ)(gates + W·h₋₁), c = f·c₋₁ + i·g, m = o·tanh c and h = m, or h = R·m with a projection (Sak et al. 2014).
/// gates (N, 4H) holds x·Wᵢᵀ + b of all N = T·B rows and is overwritten by i, f, g, o; weight (P, 4H) and projection (H, P, optional)
/// are Wᵀ and Rᵀ, so that neighbouring lanes read neighbouring numbers. h0 (B, P) and c0 (B, H) are optional zeros, lengths (B) too.
/// Writes y (N, P), for backward the state before each step, before (N, P), and c (N, H), and m (N, H) if there is a projection; last states hn (B, P), cn (B, H).
/// Behind a sequence's end all but gates are 0. One block per <see cref="LstmShape.Group"/> sequences; its lanes stride over cells,
/// then over the state; two barriers a step.
/// </summary>
[Kernel]
public readonly partial record struct LstmForward(
    View<float> gates, View<float> weight, View<float> projection, View<float> h0, View<float> c0, View<int> lengths,
    View<float> y, View<float> before, View<float> c, View<float> m, View<float> hn, View<float> cn, LstmShape shape, bool reverse) : IKernel
{
    private const int Group = LstmShape.Group;

    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long first = b.Index * Group;
        for (int r = 0; r < Group; r++)
        {
            Start(b, first + r);
        }

        b.Barrier();
        for (long s = 0; s < shape.T; s++)
        {
            for (long j = b.Lane; j < shape.H; j += b.Size)
            {
                Cell(first, s, j);
            }

            b.Barrier();
            for (int r = 0; r < Group; r++)
            {
                State(b, first + r, s);
            }

            b.Barrier();
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks)
    {
        double N = (double)shape.T * shape.B;
        double products = 4 * shape.H * shape.P;
        products += projection.Exists ? shape.H * shape.P : 0;
        return new(
            N * ((2 * products) + (30 * shape.H)),
            (8 * gates.BytesOf((long)N * shape.H)) + weight.BytesOf(4 * shape.H * shape.P) + projection.BytesOf(shape.H * shape.P)
            + y.BytesOf((long)N * shape.P) + before.BytesOf((long)N * shape.P) + c.BytesOf((long)N * shape.H) + m.BytesOf((long)N * shape.H)
            + hn.BytesOf(shape.B * shape.P) + cn.BytesOf(shape.B * shape.H));
    }

    // The states before the first step, which are the last ones of an empty sequence.
    private void Start(in Block b, long item)
    {
        if (item < shape.B)
        {
            long row = shape.Row(item, 0, shape.Length(lengths, item), reverse);
            for (long p = b.Lane; p < shape.P; p += b.Size)
            {
                float h = h0.Exists ? h0[(item * shape.P) + p] : 0f;
                hn[(item * shape.P) + p] = h;
                if (shape.T > 0)
                {
                    before[(row * shape.P) + p] = shape.Length(lengths, item) > 0 ? h : 0f;
                }
            }

            for (long j = b.Lane; j < shape.H; j += b.Size)
            {
                cn[(item * shape.H) + j] = c0.Exists ? c0[(item * shape.H) + j] : 0f;
            }
        }
    }

    // Cell j of the group's sequences at step s: each of its 4·P weights is read once.
    private void Cell(long first, long s, long j)
    {
        Span<float> sums = stackalloc float[4 * Group];
        for (long k = 0; k < shape.P; k++)
        {
            View<float> w = weight.From((k * 4 * shape.H) + j);
            for (int r = 0; r < Block.Unroll(Group); r++)
            {
                long item = Math.Min(first + r, shape.B - 1);
                float h = before[(shape.Row(item, s, shape.Length(lengths, item), reverse) * shape.P) + k];
                for (int g = 0; g < Block.Unroll(4); g++)
                {
                    sums[(r * 4) + g] += h * w[g * shape.H];
                }
            }
        }

        for (int r = 0; r < Block.Unroll(Group); r++)
        {
            if (first + r < shape.B)
            {
                Gates(first + r, s, j, sums[r * 4], sums[(r * 4) + 1], sums[(r * 4) + 2], sums[(r * 4) + 3]);
            }
        }
    }

    private void Gates(long item, long s, long j, float sumI, float sumF, float sumG, float sumO)
    {
        long length = shape.Length(lengths, item);
        long row = shape.Row(item, s, length, reverse);
        View<float> z = gates.From((row * 4 * shape.H) + j);
        long state = (item * shape.H) + j;
        float cell = 0f;
        float output = 0f;
        if (s < length)
        {
            float i = Sigmoid(z[0] + sumI);
            float f = Sigmoid(z[shape.H] + sumF);
            float g = KMath.Tanh(z[2 * shape.H] + sumG);
            float o = Sigmoid(z[3 * shape.H] + sumO);
            cell = (f * cn[state]) + (i * g);
            output = o * KMath.Tanh(cell);
            z[0] = i;
            z[shape.H] = f;
            z[2 * shape.H] = g;
            z[3 * shape.H] = o;
            cn[state] = cell;
        }

        c[(row * shape.H) + j] = cell;
        if (m.Exists)
        {
            m[(row * shape.H) + j] = output;
        }
        else
        {
            y[(row * shape.H) + j] = output;
        }
    }

    // h of one sequence after step s, handed on to the next step's row.
    private void State(in Block b, long item, long s)
    {
        if (item < shape.B)
        {
            long length = shape.Length(lengths, item);
            long row = shape.Row(item, s, length, reverse);
            long next = shape.Row(item, s + 1, length, reverse);
            for (long p = b.Lane; p < shape.P; p += b.Size)
            {
                float h = m.Exists ? Projected(row, p) : y[(row * shape.P) + p];
                y[(row * shape.P) + p] = h;
                if (s < length)
                {
                    hn[(item * shape.P) + p] = h;
                }

                if (s + 1 < shape.T)
                {
                    before[(next * shape.P) + p] = s + 1 < length ? h : 0f;
                }
            }
        }
    }

    private float Projected(long row, long p)
    {
        float sum = 0f;
        for (long j = 0; j < shape.H; j++)
        {
            sum += m[(row * shape.H) + j] * projection[(j * shape.P) + p];
        }

        return sum;
    }

    private static float Sigmoid(float x) => 1f / (1f + KMath.Exp(-x));
}
