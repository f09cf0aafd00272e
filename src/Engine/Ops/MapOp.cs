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
        Check.DType(Name, "x", x, DType.Float32);
        Tensor c = x.Contiguous();
        return Recorder.Apply<MapOp<F>, Args, Saved>(new(c, a), c);
    }

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        Tensor y = context.New(a.X.Shape);
        long n = y.Count;
        context.Launch(new Map<F>(a.X.Flat<float>(), y.Flat<float>(), a.A, n), Block.Cover(n));
        saved = new Saved(a.X, y, a.A);
        return y;
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink)
    {
        OpContext context = sink.Context(Name);
        Tensor dX = context.New(dY.Shape);
        Tensor read = F.Reads switch { Reads.X => s.X, Reads.Y => s.Y, _ => dY };
        long n = dX.Count;
        context.Launch(
            new MapBackward<F>(read.Flat<float>(), dY.Flat<float>(), dX.Flat<float>(), s.A, n), Block.Cover(n));
        sink.Give(s.X, dX);
    }
}
