using Engine.KernelLanguage;

namespace Engine;

/// <summary>Optional operands and results: an undefined tensor is an empty view, which kernels test with Exists.</summary>
internal static class Optional
{
    /// <summary>The contiguous elements of <paramref name="x"/>, or the empty view.</summary>
    public static View<T> Flat<T>(Tensor x)
        where T : unmanaged => x.IsDefined ? x.Flat<T>() : default;

    /// <summary>A contiguous form of <paramref name="x"/> if it is given.</summary>
    public static Tensor Contiguous(Tensor x) => x.IsDefined ? x.Contiguous() : x;
}
