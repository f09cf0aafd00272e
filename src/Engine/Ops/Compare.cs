using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>Relations between tensors as int32 masks of 0 and 1. They carry no gradient: they are constant almost everywhere.</summary>
internal static class Comparison
{
    public static Tensor Of<R>(Tensor a, Tensor b)
        where R : unmanaged, IRelation<float>, IRelation<int>
    {
        string name = typeof(R).Name;
        Check.DType(name, "b", b, a.DType);
        if (a.DType is not (DType.Float32 or DType.Int32))
        {
            Check.Fail(name, $"a {a.Shape} is {a.DType.Name()}, expected float32 or int32.", a);
        }

        OpContext context = Recorder.Constant(name, a, b);
        Tensor y = context.New(Broadcast.Of(name, a, b), DType.Int32);
        if (a.DType == DType.Float32)
        {
            Launch<float, R>(context, a, b, y);
        }
        else
        {
            Launch<int, R>(context, a, b, y);
        }

        return y;
    }

    public static Tensor Of<R>(Tensor a, float b)
        where R : unmanaged, IRelation<float>, IRelation<int>
    {
        string name = typeof(R).Name;
        if (a.DType == DType.Int32 && b != MathF.Truncate(b))
        {
            Check.Fail(name, $"a {a.Shape} holds integers and cannot be compared with {b}.", a);
        }

        Tensor number = Recorder.Constant(name, a).New([], a.DType);
        number.FillInPlace(b);
        Tensor y = Of<R>(a, number);
        number.Dispose();
        return y;
    }

    private static void Launch<T, R>(in OpContext context, Tensor a, Tensor b, Tensor y)
        where T : unmanaged
        where R : unmanaged, IRelation<T>
    {
        long n = y.Count;
        context.Launch(
            new Compare<T, R>(
                a.Raw<T>(), b.Raw<T>(), y.Flat<int>(), Layouts.Of(context.Op, a, y.Shape), Layouts.Of(context.Op, b, y.Shape), n),
            Block.Cover(n));
    }
}

/// <content>
/// Comparisons, float32 or int32, broadcast. Each gives an int32 mask of 0 and 1 for <see cref="MaskedFill"/> and <see cref="Where"/>,
/// without gradient. A comparison with NaN is 0, except ≠.
/// </content>
public readonly partial struct Tensor
{
    /// <summary>1 where this &gt; <paramref name="b"/>, else 0.</summary>
    /// <exception cref="EngineException">The shapes do not broadcast or the dtypes differ.</exception>
    public Tensor Greater(Tensor b) => Comparison.Of<Greater>(this, b);

    /// <summary>1 where this &gt; <paramref name="b"/>, else 0.</summary>
    /// <exception cref="EngineException">An int32 tensor is compared with a fraction.</exception>
    public Tensor Greater(float b) => Comparison.Of<Greater>(this, b);

    /// <summary>1 where this ≥ <paramref name="b"/>, else 0.</summary>
    /// <exception cref="EngineException">The shapes do not broadcast or the dtypes differ.</exception>
    public Tensor GreaterOrEqual(Tensor b) => Comparison.Of<GreaterOrEqual>(this, b);

    /// <summary>1 where this ≥ <paramref name="b"/>, else 0.</summary>
    /// <exception cref="EngineException">An int32 tensor is compared with a fraction.</exception>
    public Tensor GreaterOrEqual(float b) => Comparison.Of<GreaterOrEqual>(this, b);

    /// <summary>1 where this &lt; <paramref name="b"/>, else 0.</summary>
    /// <exception cref="EngineException">The shapes do not broadcast or the dtypes differ.</exception>
    public Tensor Less(Tensor b) => Comparison.Of<Less>(this, b);

    /// <summary>1 where this &lt; <paramref name="b"/>, else 0.</summary>
    /// <exception cref="EngineException">An int32 tensor is compared with a fraction.</exception>
    public Tensor Less(float b) => Comparison.Of<Less>(this, b);

    /// <summary>1 where this ≤ <paramref name="b"/>, else 0.</summary>
    /// <exception cref="EngineException">The shapes do not broadcast or the dtypes differ.</exception>
    public Tensor LessOrEqual(Tensor b) => Comparison.Of<LessOrEqual>(this, b);

    /// <summary>1 where this ≤ <paramref name="b"/>, else 0.</summary>
    /// <exception cref="EngineException">An int32 tensor is compared with a fraction.</exception>
    public Tensor LessOrEqual(float b) => Comparison.Of<LessOrEqual>(this, b);

    /// <summary>1 where this = <paramref name="b"/>, else 0.</summary>
    /// <exception cref="EngineException">The shapes do not broadcast or the dtypes differ.</exception>
    public Tensor EqualTo(Tensor b) => Comparison.Of<EqualTo>(this, b);

    /// <summary>1 where this = <paramref name="b"/>, else 0.</summary>
    /// <exception cref="EngineException">An int32 tensor is compared with a fraction.</exception>
    public Tensor EqualTo(float b) => Comparison.Of<EqualTo>(this, b);

    /// <summary>1 where this ≠ <paramref name="b"/>, else 0.</summary>
    /// <exception cref="EngineException">The shapes do not broadcast or the dtypes differ.</exception>
    public Tensor NotEqualTo(Tensor b) => Comparison.Of<NotEqualTo>(this, b);

    /// <summary>1 where this ≠ <paramref name="b"/>, else 0.</summary>
    /// <exception cref="EngineException">An int32 tensor is compared with a fraction.</exception>
    public Tensor NotEqualTo(float b) => Comparison.Of<NotEqualTo>(this, b);
}
