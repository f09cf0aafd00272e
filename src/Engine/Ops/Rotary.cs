using Engine.Kernels;

namespace Engine;

/// <summary>Which columns of a row rotary embedding turns together.</summary>
public enum RotaryPairing
{
    /// <summary>(n, n + D/2): GPT-NeoX, and Llama as Hugging Face stores it.</summary>
    Half,

    /// <summary>(2n, 2n + 1): the paper's own, GPT-J and Llama as Meta stores it.</summary>
    Interleaved,
}

/// <summary>
/// y = x with each pair of columns turned by an angle proportional to its position; dX = dY turned back, overwriting. x, y
/// (B, H, T, D). Formula: <see cref="Rotary{T, E}"/>.
/// </summary>
internal readonly struct RotaryOp : IDifferentiable<RotaryOp.Args, RotaryOp.Saved>
{
    public readonly record struct Args(Tensor X, Tensor Positions, Tensor Factors, RotaryPairing Pairing, float Theta, int Offset);

    public readonly record struct Saved(Tensor X, Tensor Positions, Tensor Factors, RotaryPairing Pairing, float Theta, int Offset) : ISaved
    {
        public void Visit(in SavedVisitor visitor)
        {
            // The values of X are not read; it only says where the gradient goes.
            visitor.Values(Positions);
            visitor.Values(Factors);
        }
    }

    public static string Name => "RotaryEmbedding";

    public static Tensor Apply(Tensor x, Tensor positions, Tensor factors, RotaryPairing pairing, float theta, int offset)
    {
        Check.Float(Name, "x", x);
        Check.Rank(Name, "x", x, 4);
        if (x.Shape[3] % 2 != 0)
        {
            Check.Fail(Name, $"the last axis of x {x.Shape} is {x.Shape[3]}; expected an even head size.", x);
        }

        if (positions.IsDefined)
        {
            Check.DType(Name, "positions", positions, DType.Int32);
            Check.Shape(Name, "positions", positions, [x.Shape[2]]);
        }

        if (factors.IsDefined)
        {
            Check.DType(Name, "factors", factors, DType.Float32);
            Check.Shape(Name, "factors", factors, [x.Shape[3] / 2]);
        }

        Tensor p = Optional.Contiguous(positions);
        Tensor f = Optional.Contiguous(factors);
        Tensor c = AttentionKernels.HasAdjacentColumns(x) ? x : x.Contiguous();
        return Recorder.Apply<RotaryOp, Args, Saved>(new(c, p, f, pairing, theta, offset), c, p, f);
    }

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        Tensor y = context.New(a.X.Shape, a.X.DType);
        saved = new Saved(a.X, a.Positions, a.Factors, a.Pairing, a.Theta, a.Offset);
        Elements.Run(y.DType, new Work(context, a.X, y, saved, 1f));
        return y;
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink)
    {
        OpContext context = sink.Context(Name);
        Tensor dX = context.New(dY.Shape, dY.DType);
        Elements.Run(dX.DType, new Work(context, dY, dX, s, -1f));
        sink.Give(s.X, dX);
    }

    private readonly struct Work(OpContext context, Tensor x, Tensor y, Saved s, float sign) : IElementWork
    {
        public void Run<T, E>()
            where T : unmanaged
            where E : unmanaged, IElement<T> =>
            context.Launch(
                new Rotary<T, E>(
                    x.Raw<T>(), y.Flat<T>(), Optional.Flat<int>(s.Positions), Optional.Flat<float>(s.Factors), AttentionKernels.LayoutOf(x), AttentionKernels.LayoutOf(y), x.Shape[0], x.Shape[1],
                    x.Shape[3], s.Theta, s.Offset, s.Pairing == RotaryPairing.Interleaved, sign),
                x.Shape[2]);
    }
}

/// <content>Rotary positions.</content>
public readonly partial struct Tensor
{
    /// <summary>
    /// Rotary position embedding (Su et al., "RoFormer", 2021): pair n of the row at position p is turned by p·base^(−2n/D), so
    /// that q·k depends on the distance of their positions only. This (B, H, T, D) → (B, H, T, D); may be a strided view.
    /// </summary>
    /// <param name="pairing">Which columns form a pair; checkpoints differ.</param>
    /// <param name="theta">The base; 10,000 in the paper and in Llama 1 and 2, 500,000 in Llama 3.</param>
    /// <param name="offset">The position of row 0, for generation with a cache.</param>
    /// <param name="factors">float32 (D/2): how many times slower each pair turns, for contexts longer than those of training; none by default.</param>
    /// <exception cref="EngineException">Not (B, H, T, D) with an even D, or no floating-point type.</exception>
    public Tensor RotaryEmbedding(RotaryPairing pairing = RotaryPairing.Half, float theta = 10000f, int offset = 0, Tensor factors = default) =>
        RotaryOp.Apply(this, default, factors, pairing, theta, offset);

    /// <summary>The same with a position for each row, as sequences that share a row of the batch have them.</summary>
    /// <param name="positions">int32 (T).</param>
    /// <param name="pairing">Which columns form a pair.</param>
    /// <param name="theta">The base.</param>
    /// <param name="factors">As above.</param>
    /// <exception cref="EngineException">Shapes or types do not fit.</exception>
    public Tensor RotaryEmbedding(Tensor positions, RotaryPairing pairing = RotaryPairing.Half, float theta = 10000f, Tensor factors = default) =>
        RotaryOp.Apply(this, positions, factors, pairing, theta, 0);
}
