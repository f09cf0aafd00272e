using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>Work that is written for any floating-point storage type, such as the launch of a kernel.</summary>
internal interface IElementWork
{
    /// <summary>Does it for one type.</summary>
    /// <typeparam name="T">The stored type.</typeparam>
    /// <typeparam name="E">How it is read as float32 and written from it.</typeparam>
    void Run<T, E>()
        where T : unmanaged
        where E : unmanaged, IElement<T>;
}

/// <summary>
/// The one place where a tensor's dtype becomes a type argument: every kernel instance is named here at compile time, as
/// ahead-of-time compilation needs.
/// </summary>
internal static class Elements
{
    /// <summary>Does the work for a floating-point dtype.</summary>
    public static void Run<TWork>(DType dtype, in TWork work)
        where TWork : struct, IElementWork
    {
        switch (dtype)
        {
            case DType.Float32:
                work.Run<float, Float32Element>();
                break;
            case DType.BFloat16:
                work.Run<BFloat16, BFloat16Element>();
                break;
            case DType.Float16:
                work.Run<Half, Float16Element>();
                break;
            default:
                throw new InvalidOperationException($"{dtype.Name()} is no floating-point type.");
        }
    }
}
