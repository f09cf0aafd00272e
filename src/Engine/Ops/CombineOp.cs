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
        Check.DType(Name, "a", a, DType.Float32);
        Check.DType(Name, "b", b, DType.Float32);
        return Recorder.Apply<CombineOp<F>, Args, Saved>(new(a, b), a, b);
    }

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        Shape shape = Broadcast.Of(Name, a.A, a.B);
        Tensor y = context.New(shape);
        long n = y.Count;
        Layout la = Layouts.Of(Name, a.A, shape);
        Layout lb = Layouts.Of(Name, a.B, shape);
        context.Launch(new Combine<F>(a.A.Raw<float>(), a.B.Raw<float>(), y.Flat<float>(), la, lb, n), Block.Cover(n));
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
        Tensor dA = sink.Wants(s.A) ? context.New(dY.Shape) : default;
        Tensor dB = sink.Wants(s.B) ? context.New(dY.Shape) : default;
        long n = dY.Count;
        Layout la = Layouts.Of(Name, s.A, dY.Shape);
        Layout lb = Layouts.Of(Name, s.B, dY.Shape);
        View<float> viewA = dA.IsDefined ? dA.Flat<float>() : default;
        View<float> viewB = dB.IsDefined ? dB.Flat<float>() : default;
        context.Launch(
            new CombineBackward<F>(s.A.Raw<float>(), s.B.Raw<float>(), dY.Flat<float>(), viewA, viewB, la, lb, n), Block.Cover(n));
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
}
