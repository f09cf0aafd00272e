using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>Writes into existing memory. Each bumps the version that backward checks.</summary>
internal static class InPlace
{
    /// <summary>target += x, added in float32; same shapes, any strides, each of any floating-point dtype.</summary>
    public static void Add(Tensor target, Tensor x)
    {
        target.Data.Storage!.Version++;
        Elements.Run(x.DType, new AddWork(target, x));
    }

    private readonly struct AddWork(Tensor target, Tensor x) : IElementWork
    {
        public void Run<T, E>()
            where T : unmanaged
            where E : unmanaged, IElement<T> => Elements.Run(target.DType, new AddTo<T, E>(target, x));
    }

    private readonly struct AddTo<TIn, TLoad>(Tensor target, Tensor x) : IElementWork
        where TIn : unmanaged
        where TLoad : unmanaged, IElement<TIn>
    {
        public void Run<T, E>()
            where T : unmanaged
            where E : unmanaged, IElement<T> =>
            x.Device.Launch(
                new Accumulate<TIn, TLoad, T, E>(x.Raw<TIn>(), target.Raw<T>(), Layouts.Of(x), Layouts.Of(target), x.Count),
                Block.Cover(x.Count));
    }
}

/// <content>In-place ops; their names say so.</content>
public readonly partial struct Tensor
{
    /// <summary>Adds <paramref name="x"/> to this tensor's own memory. Both float32 of the same shape; not recorded.</summary>
    /// <exception cref="EngineException">Shapes or dtypes differ.</exception>
    public void AddInPlace(Tensor x)
    {
        Check.DType("AddInPlace", "x", x, DType.Float32);
        Check.DType("AddInPlace", "the target", this, DType.Float32);
        Check.Shape("AddInPlace", "x", x, Shape);
        _ = Recorder.Constant("AddInPlace", this, x);
        InPlace.Add(this, x);
    }

    /// <summary>Sets every element; the tensor must be contiguous. Not recorded.</summary>
    public void FillInPlace(float value)
    {
        Int8Matrix.Refuse("FillInPlace", this);
        Data.Storage!.Version++;
        long n = Count;
        switch (DType)
        {
            case DType.Float32:
                Device.Launch(new Fill<float>(Flat<float>(), value, n), Block.Cover(n));
                break;
            case DType.Int32:
                Device.Launch(new Fill<int>(Flat<int>(), (int)value, n), Block.Cover(n));
                break;
            case DType.BFloat16:
                Device.Launch(new Fill<BFloat16>(Flat<BFloat16>(), (BFloat16)value, n), Block.Cover(n));
                break;
            default:
                Device.Launch(new Fill<Half>(Flat<Half>(), (Half)value, n), Block.Cover(n));
                break;
        }
    }
}
