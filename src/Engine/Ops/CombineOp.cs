using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>
/// y = f(a, b) for a row of the table of two-variable functions, operands broadcast. dA = dY·∂f/∂a and dB = dY·∂f/∂b, each
/// summed over the axes along which its operand was stretched. For a + b the gradients are dY itself and cost nothing.
/// </summary>
internal readonly struct CombineOp<F> : IDifferentiable<CombineOp<F>.Args, CombineOp<F>.Saved>
    where F : unmanaged, IFunction2
{
    public readonly record struct Args(Tensor A, Tensor B);

    public readonly record struct Saved(Tensor A, Tensor B) : ISaved
    {
        public void Visit(in SavedVisitor visitor)
        {
            if (typeof(F) != typeof(Sum))
            {
                visitor.Values(A);
                visitor.Values(B);
            }
        }
    }

    public static string Name => typeof(F).Name;

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
        if (typeof(F) == typeof(Sum))
        {
            Reduction.AddReduced(sink, s.A, dY);
            Reduction.AddReduced(sink, s.B, dY);
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
}

/// <content>Arithmetic. Operators with a number run scalar kernels; nothing converts implicitly.</content>
public readonly partial struct Tensor
{
    /// <summary>a + b, broadcast.</summary>
    public static Tensor operator +(Tensor a, Tensor b) => a.Add(b);

    /// <summary>a − b, broadcast.</summary>
    public static Tensor operator -(Tensor a, Tensor b) => a.Sub(b);

    /// <summary>a·b element by element, broadcast.</summary>
    public static Tensor operator *(Tensor a, Tensor b) => a.Mul(b);

    /// <summary>a/b element by element, broadcast.</summary>
    public static Tensor operator /(Tensor a, Tensor b) => a.Div(b);

    /// <summary>x + a for a number.</summary>
    public static Tensor operator +(Tensor x, float a) => MapOp<Shift>.Apply(x, a);

    /// <summary>x·a for a number.</summary>
    public static Tensor operator *(Tensor x, float a) => MapOp<Scale>.Apply(x, a);

    /// <summary>−x.</summary>
    public static Tensor operator -(Tensor x) => MapOp<Scale>.Apply(x, -1f);

    /// <summary>This + <paramref name="b"/>, broadcast.</summary>
    /// <exception cref="EngineException">The shapes do not broadcast.</exception>
    public Tensor Add(Tensor b) => CombineOp<Sum>.Apply(this, b);

    /// <summary>This − <paramref name="b"/>, broadcast.</summary>
    /// <exception cref="EngineException">The shapes do not broadcast.</exception>
    public Tensor Sub(Tensor b) => CombineOp<Difference>.Apply(this, b);

    /// <summary>This·<paramref name="b"/> element by element, broadcast.</summary>
    /// <exception cref="EngineException">The shapes do not broadcast.</exception>
    public Tensor Mul(Tensor b) => CombineOp<Product>.Apply(this, b);

    /// <summary>This/<paramref name="b"/> element by element, broadcast.</summary>
    /// <exception cref="EngineException">The shapes do not broadcast.</exception>
    public Tensor Div(Tensor b) => CombineOp<Quotient>.Apply(this, b);
}
