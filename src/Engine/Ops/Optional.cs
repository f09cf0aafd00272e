using Engine.KernelLanguage;

namespace Engine;

/// <summary>Optional operands and gradients: an undefined tensor is an empty view, which kernels test with Exists.</summary>
internal static class Optional
{
    /// <summary>The contiguous elements of <paramref name="x"/>, or the empty view.</summary>
    public static View<T> Flat<T>(Tensor x)
        where T : unmanaged => x.IsDefined ? x.Flat<T>() : default;

    /// <summary>The memory of <paramref name="x"/> from element 0 on, or the empty view.</summary>
    public static View<T> Raw<T>(Tensor x)
        where T : unmanaged => x.IsDefined ? x.Raw<T>() : default;

    /// <summary>A contiguous form of <paramref name="x"/> if it is given.</summary>
    public static Tensor Contiguous(Tensor x) => x.IsDefined ? x.Contiguous() : x;

    /// <summary>The accumulator of a parameter's gradient if it wants one, otherwise the empty view.</summary>
    public static View<float> Accumulator(GradSink sink, Tensor parameter, out bool accumulate)
    {
        accumulate = false;
        return sink.Wants(parameter) ? sink.Accumulator(parameter, out accumulate).Flat<float>() : default;
    }

    /// <summary>Hands over a fresh gradient if it was computed.</summary>
    public static void Give(GradSink sink, Tensor x, Tensor dX)
    {
        if (dX.IsDefined)
        {
            sink.Give(x, dX);
        }
    }
}
