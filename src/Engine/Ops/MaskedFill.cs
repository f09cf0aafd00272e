using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>y = value where mask ≠ 0, x elsewhere; dX = 0 where the mask is set and dY elsewhere. Saved: the mask.</summary>
internal readonly struct MaskedFillOp : IDifferentiable<MaskedFillOp.Args, MaskedFillOp.Saved>
{
    public readonly record struct Args(Tensor X, Tensor Mask, float Value);

    public readonly record struct Saved(Tensor X, Tensor Mask) : ISaved
    {
        public void Visit(in SavedVisitor visitor) => visitor.Values(Mask);
    }

    public static string Name => "MaskedFill";

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        saved = new Saved(a.X, a.Mask);
        return Fill(context, a.X, a.Mask, a.Value, when: 1);
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink) =>
        sink.Give(s.X, Fill(sink.Context(Name), dY, s.Mask, 0f, when: 1));

    /// <summary>A copy of contiguous <paramref name="x"/> with a value where (mask ≠ 0) is <paramref name="when"/>.</summary>
    internal static Tensor Fill(in OpContext context, Tensor x, Tensor mask, float value, int when)
    {
        Tensor y = context.New(x.Shape);
        long n = y.Count;
        context.Launch(
            new MaskedFill(x.Flat<float>(), mask.Raw<int>(), y.Flat<float>(), Layouts.Of(context.Op, mask, x.Shape), value, when, n),
            Block.Cover(n));
        return y;
    }
}

/// <content>Overwriting where a mask is set.</content>
public readonly partial struct Tensor
{
    /// <summary>This tensor with <paramref name="value"/> where the int32 mask, broadcast to its shape, is not 0.</summary>
    /// <exception cref="EngineException">The mask does not broadcast to this shape, or a dtype is wrong.</exception>
    public Tensor MaskedFill(Tensor mask, float value)
    {
        Check.DType("MaskedFill", "x", this, DType.Float32);
        Check.DType("MaskedFill", "the mask", mask, DType.Int32);
        Tensor x = Contiguous();
        return Recorder.Apply<MaskedFillOp, MaskedFillOp.Args, MaskedFillOp.Saved>(new(x, mask, value), x, mask);
    }
}
