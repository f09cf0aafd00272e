using Engine.Kernels;

namespace Engine;

/// <summary>
/// Products of stacks of matrices with NumPy's broadcasting of the leading axes. Axes that step evenly through all
/// operands are merged, and those along which B repeats become rows of A, so that (B,T,C)·(C,V) is a single product.
/// </summary>
internal static class BatchedProduct
{
    /// <summary>
    /// C = op(A)·op(B), or C += that. The leading axes of a and b broadcast to those of <paramref name="c"/>, which is
    /// contiguous; a and b may have any strides.
    /// </summary>
    public static void Launch(in OpContext context, Tensor a, bool transposeA, Tensor b, bool transposeB, Tensor c, bool accumulate)
    {
        Matrix ma = transposeA ? Matrix.Of(a).T : Matrix.Of(a);
        Matrix mb = transposeB ? Matrix.Of(b).T : Matrix.Of(b);
        Matrix mc = Matrix.Of(c);
        Axis outer = new(1, 0, 0, 0);
        Axis inner = outer;
        long step = c.Shape[^1] * (long)c.Shape[^2];
        for (int fromEnd = 3; fromEnd <= c.Rank; fromEnd++)
        {
            Axis axis = new(c.Shape[^fromEnd], StrideOf(a, fromEnd), StrideOf(b, fromEnd), step);
            step *= axis.Count;
            if (axis.Count == 1)
            {
                continue;
            }

            if (inner.Count == 1 && axis.B == 0 && (ma.Rows == 1 || axis.A == ma.Rows * ma.Layout.Row))
            {
                long row = ma.Rows == 1 ? axis.A : ma.Layout.Row;
                ma = ma with { Rows = ma.Rows * axis.Count, Layout = ma.Layout with { Row = row } };
                mc = mc with { Rows = ma.Rows };
            }
            else if (inner.Count == 1)
            {
                inner = axis;
            }
            else if (outer.Count == 1 && axis.Continues(inner))
            {
                inner = inner with { Count = inner.Count * axis.Count };
            }
            else if (outer.Count == 1)
            {
                outer = axis;
            }
            else if (axis.Continues(outer))
            {
                outer = outer with { Count = outer.Count * axis.Count };
            }
            else
            {
                LaunchCopied(context, a, transposeA, b, transposeB, c, accumulate);
                return;
            }
        }

        MatrixProduct.Launch<Identity>(
            context, ma.Batched(outer.A, inner.A), mb.Batched(outer.B, inner.B), mc.Batched(outer.C, inner.C), default, default, accumulate, outer.Count, inner.Count);
    }

    // Three or more axes that no two strides describe: rare enough to pay for copies of full size.
    private static void LaunchCopied(in OpContext context, Tensor a, bool transposeA, Tensor b, bool transposeB, Tensor c, bool accumulate)
    {
        Tensor wideA = Widen(context, a, c.Shape);
        Tensor wideB = Widen(context, b, c.Shape);
        Launch(context, wideA, transposeA, wideB, transposeB, c, accumulate);
        wideA.Dispose();
        wideB.Dispose();
    }

    private static Tensor Widen(in OpContext context, Tensor x, Shape lead)
    {
        Shape full = lead.With(^2, x.Shape[^2]).With(^1, x.Shape[^1]);
        Tensor view = OpContext.View(x, full, Broadcast.StridesFor(context.Op, x, full), 0, context.Op, context.Scope);
        Tensor copy = context.New(full, x.DType);
        StridedCopy.Launch(context.Device, view, copy);
        view.Dispose();
        return copy;
    }

    private static long StrideOf(Tensor x, int fromEnd) =>
        fromEnd > x.Rank || x.Shape[^fromEnd] == 1 ? 0 : x.Data.Strides[x.Rank - fromEnd];

    /// <summary>One leading axis: its size and its stride in each operand.</summary>
    private readonly record struct Axis(long Count, long A, long B, long C)
    {
        /// <summary>True when a step along this axis is a whole run of the axis inside it, in every operand.</summary>
        public bool Continues(in Axis inside) =>
            A == inside.A * inside.Count && B == inside.B * inside.Count && C == inside.C * inside.Count;
    }
}
