namespace Engine;

/// <summary>
/// C = A·B over the last two axes, leading axes broadcast; dA = dC·Bᵀ and dB = Aᵀ·dC, each summed over the axes along which
/// its operand was stretched. A (…,M,K), B (…,K,N) → C (…,M,N). Both gradients accumulate in place where shapes allow.
/// </summary>
internal readonly struct MatMulOp : IDifferentiable<MatMulOp.Args, MatMulOp.Saved>
{
    public readonly record struct Args(Tensor A, Tensor B);

    public readonly record struct Saved(Tensor A, Tensor B) : ISaved
    {
        public void Visit(in SavedVisitor visitor)
        {
            visitor.Values(A);
            visitor.Values(B);
        }
    }

    public static string Name => "MatMul";

    public static Tensor Apply(Tensor a, Tensor b)
    {
        Check.SameDType(Name, "a", a, "b", b);
        Check.Float(Name, "a", a);
        Check.RankAtLeast(Name, "a", a, 2);
        Check.RankAtLeast(Name, "b", b, 2);
        if (a.Shape[^1] != b.Shape[^2])
        {
            Check.Fail(Name, $"a {a.Shape} has {a.Shape[^1]} columns, but b {b.Shape} has {b.Shape[^2]} rows. Expected b (…, {a.Shape[^1]}, N).", a);
        }

        return Recorder.Apply<MatMulOp, Args, Saved>(new(a, b), a, b);
    }

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        saved = new Saved(a.A, a.B);
        Tensor c = context.New(ResultShape(a.A, a.B), a.A.DType);
        BatchedProduct.Launch(context, a.A, false, a.B, false, c, false);
        return c;
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink)
    {
        OpContext context = sink.Context(Name);
        if (sink.Wants(s.A))
        {
            Product(sink, context, s.A, dY, false, s.B, true, dY.Shape.With(^1, s.A.Shape[^1]));
        }

        if (!sink.Wants(s.B))
        {
            return;
        }

        if (s.B.Count == s.B.Shape[^1] * (long)s.B.Shape[^2] && dY.Shape.Without(^1).Count == s.A.Shape.Without(^1).Count)
        {
            // One B for all of A: a single product over all rows, straight into the gradient.
            Tensor rows = s.A.Contiguous();
            Tensor dB = sink.Accumulator(s.B, out bool accumulate);
            MatrixProduct.Launch(context, Matrix.Flatten(rows).T, Matrix.Flatten(dY), Matrix.Of(dB), accumulate);
            if (!rows.Equals(s.A))
            {
                rows.Dispose();
            }

            return;
        }

        Product(sink, context, s.B, s.A, true, dY, false, dY.Shape.With(^2, s.B.Shape[^2]));
    }

    // The gradient of x is the product of left and right; its full shape is larger than x's where x was stretched.
    private static void Product(
        GradSink sink, in OpContext context, Tensor x, Tensor left, bool transposeLeft, Tensor right, bool transposeRight, Shape full)
    {
        if (full == x.Shape)
        {
            Tensor sum = sink.Accumulator(x, out bool accumulate);
            BatchedProduct.Launch(context, left, transposeLeft, right, transposeRight, sum, accumulate);
            return;
        }

        Tensor wide = context.New(full);
        BatchedProduct.Launch(context, left, transposeLeft, right, transposeRight, wide, false);
        Reduction.AddReduced(sink, x, wide);
        wide.Dispose();
    }

    private static Shape ResultShape(Tensor a, Tensor b)
    {
        int rank = Math.Max(a.Rank, b.Rank);
        Span<int> dims = stackalloc int[Shape.MaxRank];
        dims[rank - 2] = a.Shape[^2];
        dims[rank - 1] = b.Shape[^1];
        for (int i = 3; i <= rank; i++)
        {
            int da = i <= a.Rank ? a.Shape[^i] : 1;
            int db = i <= b.Rank ? b.Shape[^i] : 1;
            if (da != db && da != 1 && db != 1)
            {
                Check.Fail(Name, $"leading axes of a {a.Shape} and b {b.Shape} do not broadcast: axis −{i} is {da} and {db}; expected equal sizes or 1.", a);
            }

            dims[rank - i] = da == 1 ? db : da;
        }

        return Shape.Create(dims[..rank]);
    }
}

/// <content>Matrix products.</content>
public readonly partial struct Tensor
{
    /// <summary>
    /// The matrix product over the last two axes: this (…, M, K) times <paramref name="b"/> (…, K, N) is (…, M, N); leading
    /// axes broadcast as in NumPy. Transposed and broadcast views are read where they lie. bf16 and fp16 operands are
    /// multiplied and summed in float32 and the result is rounded to their type.
    /// </summary>
    /// <exception cref="EngineException">Ranks below 2, inner sizes that differ, leading axes that do not broadcast, or dtypes that differ.</exception>
    public Tensor MatMul(Tensor b) => MatMulOp.Apply(this, b);
}
