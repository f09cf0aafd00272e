using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>The same values in another element type, rounded to nearest even; dX = dY.</summary>
internal readonly struct CastOp : IDifferentiable<CastOp.Args, CastOp.Saved>
{
    public readonly record struct Args(Tensor X, DType DType);

    public readonly record struct Saved(Tensor X) : ISaved
    {
        public void Visit(in SavedVisitor visitor)
        {
            // Values are not read; X only says where the gradient goes.
        }
    }

    public static string Name => "To";

    public static Tensor Forward(in Args a, in OpContext context, out Saved saved)
    {
        saved = new Saved(a.X);
        Tensor y = context.New(a.X.Shape, a.DType);
        switch (a.X.DType)
        {
            case DType.Float32:
                From<float, Float32Element>(context, a.X, y);
                break;
            case DType.BFloat16:
                From<BFloat16, BFloat16Element>(context, a.X, y);
                break;
            case DType.Float16:
                From<Half, Float16Element>(context, a.X, y);
                break;
            default:
                From<int, Int32Element>(context, a.X, y);
                break;
        }

        return y;
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink) => sink.Add(s.X, dY);

    private static void From<T, TLoad>(in OpContext context, Tensor x, Tensor y)
        where T : unmanaged
        where TLoad : unmanaged, IElement<T>
    {
        switch (y.DType)
        {
            case DType.Float32:
                Launch<T, TLoad, float, Float32Element>(context, x, y);
                break;
            case DType.BFloat16:
                Launch<T, TLoad, BFloat16, BFloat16Element>(context, x, y);
                break;
            case DType.Float16:
                Launch<T, TLoad, Half, Float16Element>(context, x, y);
                break;
            default:
                Launch<T, TLoad, int, Int32Element>(context, x, y);
                break;
        }
    }

    private static void Launch<TIn, TLoad, TOut, TStore>(in OpContext context, Tensor x, Tensor y)
        where TIn : unmanaged
        where TLoad : unmanaged, IElement<TIn>
        where TOut : unmanaged
        where TStore : unmanaged, IElement<TOut> =>
        context.Launch(new Cast<TIn, TLoad, TOut, TStore>(x.Flat<TIn>(), y.Flat<TOut>(), x.Count), Block.Cover(x.Count));
}

/// <content>Changing the element type.</content>
public readonly partial struct Tensor
{
    /// <summary>The same values as <paramref name="dtype"/>, rounded to nearest even; the gradient is converted back.</summary>
    public Tensor To(DType dtype)
    {
        if (dtype == DType)
        {
            return this;
        }

        Tensor x = Contiguous();
        return Recorder.Apply<CastOp, CastOp.Args, CastOp.Saved>(new(x, dtype), x);
    }
}
