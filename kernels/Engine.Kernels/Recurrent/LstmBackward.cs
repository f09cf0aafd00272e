using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// Backward through time of <see cref="LstmForward"/>, all steps in one launch. From the last step to the first, with dh the gradient of the
/// state after a step (dY plus what the next step gives): dm = dh, or Rᵀ·dh with a projection; dc += dm·o·(1 − tanh² c);
/// d(i f g o) = (dc·g·i(1 − i), dc·c₋₁·f(1 − f), dc·i·(1 − g²), dm·tanh c·o(1 − o)); the step before gets dc·f and Wᵀ·d(i f g o).
/// gates (N, 4H) holds i, f, g, o and is overwritten by the gradients of their arguments, from which those of x and of all
/// weights follow as products over all rows at once; dH (N, P) gets dh, which the projection's gradient needs. weight (4H, P) and
/// projection (P, H) lie as the parameters do. dHn, dCn: gradients of the last states, optional; dH0, dC0 get those of the first.
/// Behind a sequence's end everything is 0. Blocks as in forward; two barriers a step.
/// </summary>
[Kernel]
public readonly partial record struct LstmBackward(
    View<float> gates, View<float> weight, View<float> projection, View<float> c, View<float> c0, View<int> lengths, View<float> dY, View<float> dHn,
    View<float> dCn, View<float> dH, View<float> dH0, View<float> dC0, LstmShape shape, bool reverse) : IKernel
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

        for (long s = shape.T - 1; s >= 0; s--)
        {
            for (int r = 0; r < Group; r++)
            {
                Arrive(b, first + r, s);
            }

            b.Barrier();
            for (long j = b.Lane; j < shape.H; j += b.Size)
            {
                for (int r = 0; r < Group; r++)
                {
                    Cell(first + r, s, j);
                }
            }

            b.Barrier();
            for (long p = b.Lane; p < shape.P; p += b.Size)
            {
                Leave(first, s, p);
            }
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
            + dY.BytesOf((long)N * shape.P) + dH.BytesOf((long)N * shape.P) + c.BytesOf((long)N * shape.H)
            + dH0.BytesOf(shape.B * shape.P) + dC0.BytesOf(shape.B * shape.H));
    }

    private void Start(in Block b, long item)
    {
        if (item < shape.B)
        {
            for (long p = b.Lane; p < shape.P; p += b.Size)
            {
                dH0[(item * shape.P) + p] = dHn.Exists ? dHn[(item * shape.P) + p] : 0f;
            }

            for (long j = b.Lane; j < shape.H; j += b.Size)
            {
                dC0[(item * shape.H) + j] = dCn.Exists ? dCn[(item * shape.H) + j] : 0f;
            }
        }
    }

    // dh of one sequence after step s.
    private void Arrive(in Block b, long item, long s)
    {
        if (item < shape.B)
        {
            long length = shape.Length(lengths, item);
            long row = shape.Row(item, s, length, reverse);
            for (long p = b.Lane; p < shape.P; p += b.Size)
            {
                dH[(row * shape.P) + p] = s < length ? dY[(row * shape.P) + p] + dH0[(item * shape.P) + p] : 0f;
            }
        }
    }

    private void Cell(long item, long s, long j)
    {
        if (item < shape.B)
        {
            long length = shape.Length(lengths, item);
            long row = shape.Row(item, s, length, reverse);
            View<float> z = gates.From((row * 4 * shape.H) + j);
            long state = (item * shape.H) + j;
            float dI = 0f;
            float dF = 0f;
            float dG = 0f;
            float dO = 0f;
            if (s < length)
            {
                float i = z[0];
                float f = z[shape.H];
                float g = z[2 * shape.H];
                float o = z[3 * shape.H];
                float t = KMath.Tanh(c[(row * shape.H) + j]);
                float dM = projection.Exists ? Projected(row, j) : dH[(row * shape.H) + j];
                float dC = dC0[state] + (dM * o * (1f - (t * t)));
                dI = dC * g * i * (1f - i);
                dF = dC * Previous(item, s, length, j) * f * (1f - f);
                dG = dC * i * (1f - (g * g));
                dO = dM * t * o * (1f - o);
                dC0[state] = dC * f;
            }

            z[0] = dI;
            z[shape.H] = dF;
            z[2 * shape.H] = dG;
            z[3 * shape.H] = dO;
        }
    }

    // c before step s.
    private float Previous(long item, long s, long length, long j)
    {
        float previous = 0f;
        if (s > 0)
        {
            previous = c[(shape.Row(item, s - 1, length, reverse) * shape.H) + j];
        }
        else if (c0.Exists)
        {
            previous = c0[(item * shape.H) + j];
        }

        return previous;
    }

    private float Projected(long row, long j)
    {
        float sum = 0f;
        for (long p = 0; p < shape.P; p++)
        {
            sum += dH[(row * shape.P) + p] * projection[(p * shape.H) + j];
        }

        return sum;
    }

    // What step s gives to element p of the states before it; each weight is read once for the group.
    private void Leave(long first, long s, long p)
    {
        Span<float> sums = stackalloc float[Group];
        for (long k = 0; k < 4 * shape.H; k++)
        {
            float w = weight[(k * shape.P) + p];
            for (int r = 0; r < Block.Unroll(Group); r++)
            {
                long item = Math.Min(first + r, shape.B - 1);
                sums[r] += w * gates[(shape.Row(item, s, shape.Length(lengths, item), reverse) * 4 * shape.H) + k];
            }
        }

        for (int r = 0; r < Block.Unroll(Group); r++)
        {
            if (first + r < shape.B && s < shape.Length(lengths, first + r))
            {
                dH0[((first + r) * shape.P) + p] = sums[r];
            }
        }
    }
}
