using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>
/// y = f(x) for a row of the function table; dX = dY·f′, overwriting. x, y (…). Saves x, y or neither, as the row's derivative
/// needs.
/// </summary>
internal readonly struct MapOp<F> : IDifferentiable<MapOp<F>.Args, MapOp<F>.Saved>
    where F : unmanaged, IFunction
{
    public readonly record struct Args(Tensor X, float A);

    public readonly record struct Saved(Tensor X, Tensor Y, float A) : ISaved
    {
        public void Visit(in SavedVisitor visitor)
        {
            if (F.Reads != Reads.Neither)
            {
                visitor.Values(F.Reads == Reads.X ? X : Y);
            }
        }
    }

    public static string Name => typeof(F).Name;

    public static Tensor Apply(Tensor x, float a = 0f)
    {
        Check.Float(Name, "x", x);
        Tensor c = x.Contiguous();
        return Recorder.Apply<MapOp<F>, Args, Saved>(new(c, a), c);
    }

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        Tensor y = context.New(a.X.Shape, a.X.DType);
        Elements.Run(y.DType, new ForwardWork(context, a.X, y, a.A));
        saved = new Saved(a.X, y, a.A);
        return y;
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink)
    {
        OpContext context = sink.Context(Name);
        sink.Give(s.X, Gradient(context, F.Reads switch { Reads.X => s.X, Reads.Y => s.Y, _ => dY }, dY, s.A));
    }

    /// <summary>dY·f′, where f′ reads <paramref name="saved"/>; all of one shape and dtype.</summary>
    public static Tensor Gradient(in OpContext context, Tensor saved, Tensor dY, float a)
    {
        Tensor dX = context.New(dY.Shape, dY.DType);
        Elements.Run(dY.DType, new BackwardWork(context, saved, dY, dX, a));
        return dX;
    }

    private readonly struct ForwardWork(OpContext context, Tensor x, Tensor y, float a) : IElementWork
    {
        public void Run<T, E>()
            where T : unmanaged
            where E : unmanaged, IElement<T> =>
            context.Launch(new Map<F, T, E>(x.Flat<T>(), y.Flat<T>(), a, x.Count), Block.Cover(x.Count));
    }

    private readonly struct BackwardWork(OpContext context, Tensor saved, Tensor dY, Tensor dX, float a) : IElementWork
    {
        public void Run<T, E>()
            where T : unmanaged
            where E : unmanaged, IElement<T> =>
            context.Launch(new MapBackward<F, T, E>(saved.Flat<T>(), dY.Flat<T>(), dX.Flat<T>(), a, dX.Count), Block.Cover(dX.Count));
    }
}
