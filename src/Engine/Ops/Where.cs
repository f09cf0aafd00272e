using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>
/// y = a where mask ≠ 0, b elsewhere, all three broadcast; dA is dY where the mask is set, dB where it is not, each summed over
/// the axes along which its operand was stretched. Saved: the mask.
/// </summary>
internal readonly struct WhereOp : IDifferentiable<WhereOp.Args, WhereOp.Saved>
{
    public readonly record struct Args(Tensor Mask, Tensor A, Tensor B);

    public readonly record struct Saved(Tensor Mask, Tensor A, Tensor B) : ISaved
    {
        public void Visit(in SavedVisitor visitor) => visitor.Values(Mask);
    }

    public static string Name => "Where";

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        Shape shape = Broadcast.Of(Name, Broadcast.Of(Name, a.A, a.B), a.Mask);
        Tensor y = context.New(shape);
        long n = y.Count;
        context.Launch(
            new Select(
                a.Mask.Raw<int>(), a.A.Raw<float>(), a.B.Raw<float>(), y.Flat<float>(), Layouts.Of(Name, a.Mask, shape),
                Layouts.Of(Name, a.A, shape), Layouts.Of(Name, a.B, shape), n),
            Block.Cover(n));
        saved = new Saved(a.Mask, a.A, a.B);
        return y;
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink)
    {
        Part(s.A, s.Mask, clearedWhen: 0, dY, sink);
        Part(s.B, s.Mask, clearedWhen: 1, dY, sink);
    }

    private static void Part(Tensor x, Tensor mask, int clearedWhen, Tensor dY, GradSink sink)
    {
        if (sink.Wants(x))
        {
            Tensor part = MaskedFillOp.Fill(sink.Context(Name), dY, mask, 0f, clearedWhen);
            Reduction.AddReduced(sink, x, part);
            part.Dispose();
        }
    }
}

/// <content>Choosing between two tensors.</content>
public readonly partial struct Tensor
{
    /// <summary><paramref name="a"/> where the int32 mask is not 0, <paramref name="b"/> elsewhere; all three broadcast.</summary>
    /// <exception cref="EngineException">The shapes do not broadcast, or a dtype is wrong.</exception>
    public static Tensor Where(Tensor mask, Tensor a, Tensor b)
    {
        Check.DType("Where", "the mask", mask, DType.Int32);
        Check.DType("Where", "a", a, DType.Float32);
        Check.DType("Where", "b", b, DType.Float32);
        return Recorder.Apply<WhereOp, WhereOp.Args, WhereOp.Saved>(new(mask, a, b), mask, a, b);
    }
}
