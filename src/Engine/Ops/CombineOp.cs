using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>
/// y = f(a, b) for a row of the table of two-variable functions, operands broadcast. dA = dY·∂f/∂a and dB = dY·∂f/∂b, each
/// summed over the axes along which its operand was stretched. For a + b and a − b the gradients are ±dY: nothing is saved.
/// </summary>
internal readonly struct CombineOp<F> : IDifferentiable<CombineOp<F>.Args, CombineOp<F>.Saved>
    where F : unmanaged, IFunction2
{
    public readonly record struct Args(Tensor A, Tensor B);

    public readonly record struct Saved(Tensor A, Tensor B) : ISaved
    {
        public void Visit(in SavedVisitor visitor)
        {
            if (!IsLinear)
            {
                visitor.Values(A);
                visitor.Values(B);
            }
        }
    }

    public static string Name => typeof(F).Name;

    private static bool IsLinear => typeof(F) == typeof(Sum) || typeof(F) == typeof(Difference);

    public static Tensor Apply(Tensor a, Tensor b)
    {
        Check.Float(Name, "a", a);
        Check.SameDType(Name, "a", a, "b", b);
        return Recorder.Apply<CombineOp<F>, Args, Saved>(new(a, b), a, b);
    }

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        Shape shape = Broadcast.Of(Name, a.A, a.B);
        Tensor y = context.New(shape, a.A.DType);
        Elements.Run(y.DType, new ForwardWork(context, a.A, a.B, y));
        saved = new Saved(a.A, a.B);
        return y;
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink)
    {
        if (IsLinear)
        {
            BackwardLinear(s, dY, sink);
            return;
        }

        OpContext context = sink.Context(Name);
        Tensor dA = sink.Wants(s.A) ? context.New(dY.Shape, dY.DType) : default;
        Tensor dB = sink.Wants(s.B) ? context.New(dY.Shape, dY.DType) : default;
        Elements.Run(dY.DType, new BackwardWork(context, s.A, s.B, dY, dA, dB));
        Reduction.AddReduced(sink, s.A, dA);
        Reduction.AddReduced(sink, s.B, dB);
        dA.Dispose();
        dB.Dispose();
    }

    private static void BackwardLinear(in Saved s, Tensor dY, GradSink sink)
    {
        Reduction.AddReduced(sink, s.A, dY);
        if (typeof(F) == typeof(Sum))
        {
            Reduction.AddReduced(sink, s.B, dY);
        }
        else if (sink.Wants(s.B))
        {
            Tensor minus = -dY;
            Reduction.AddReduced(sink, s.B, minus);
            minus.Dispose();
        }
    }

    private readonly struct ForwardWork(OpContext context, Tensor a, Tensor b, Tensor y) : IElementWork
    {
        public void Run<T, E>()
            where T : unmanaged
            where E : unmanaged, IElement<T> =>
            context.Launch(
                new Combine<F, T, E>(
                    a.Raw<T>(), b.Raw<T>(), y.Flat<T>(), Layouts.Of(Name, a, y.Shape), Layouts.Of(Name, b, y.Shape), y.Count),
                Block.Cover(y.Count));
    }

    private readonly struct BackwardWork(OpContext context, Tensor a, Tensor b, Tensor dY, Tensor dA, Tensor dB) : IElementWork
    {
        public void Run<T, E>()
            where T : unmanaged
            where E : unmanaged, IElement<T> =>
            context.Launch(
                new CombineBackward<F, T, E>(
                    a.Raw<T>(), b.Raw<T>(), dY.Flat<T>(), Optional.Flat<T>(dA), Optional.Flat<T>(dB), Layouts.Of(Name, a, dY.Shape),
                    Layouts.Of(Name, b, dY.Shape), dY.Count),
                Block.Cover(dY.Count));
    }
}
