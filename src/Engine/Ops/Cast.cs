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
        Launch(a.X, y);
        return y;
    }

    public static void Backward(in Saved s, Tensor dY, GradSink sink) => sink.Add(s.X, dY);

    /// <summary>y = x, rounded to y's dtype; both contiguous and of one shape. Not recorded.</summary>
    public static void Launch(Tensor x, Tensor y)
    {
        y.Data.Storage!.Version++;
        switch (x.DType)
        {
            case DType.Int32:
                From<int, Int32Element>(x, y);
                break;
            default:
                Elements.Run(x.DType, new FromWork(x, y));
                break;
        }
    }

    private static void From<T, TLoad>(Tensor x, Tensor y)
        where T : unmanaged
        where TLoad : unmanaged, IElement<T>
    {
        switch (y.DType)
        {
            case DType.Int32:
                new ToWork<T, TLoad>(x, y).Run<int, Int32Element>();
                break;
            default:
                Elements.Run(y.DType, new ToWork<T, TLoad>(x, y));
                break;
        }
    }

    private readonly struct FromWork(Tensor x, Tensor y) : IElementWork
    {
        public void Run<T, E>()
            where T : unmanaged
            where E : unmanaged, IElement<T> => From<T, E>(x, y);
    }

    private readonly struct ToWork<TIn, TLoad>(Tensor x, Tensor y) : IElementWork
        where TIn : unmanaged
        where TLoad : unmanaged, IElement<TIn>
    {
        public void Run<T, E>()
            where T : unmanaged
            where E : unmanaged, IElement<T> =>
            x.Device.Launch(new Cast<TIn, TLoad, T, E>(x.Flat<TIn>(), y.Flat<T>(), x.Count), Block.Cover(x.Count));
    }
}

/// <content>Changing the element type.</content>
public readonly partial struct Tensor
{
    /// <summary>
    /// The same values as <paramref name="dtype"/>, rounded to nearest even; the gradient is converted back, except to int8, which has none.
    /// </summary>
    /// <exception cref="EngineException">The type is int8, which <see cref="QuantizeInt8"/> makes.</exception>
    public Tensor To(DType dtype)
    {
        if (dtype == DType)
        {
            return this;
        }

        if (dtype == DType.Int8)
        {
            Check.Fail(CastOp.Name, $"x {Shape} cannot become int8 without scales; use QuantizeInt8.", this);
        }

        if (DType == DType.Int8)
        {
            Tensor wide = Int8RowsOp.Apply(this, default);
            return dtype == DType.Float32 ? wide : wide.To(dtype);
        }

        Tensor x = Contiguous();
        return Recorder.Apply<CastOp, CastOp.Args, CastOp.Saved>(new(x, dtype), x);
    }
}
