using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Engine.KernelLanguage;

/// <summary>
/// A kernel's window on device memory: an address and a length, nothing owned. Debug builds check every index.
/// </summary>
/// <typeparam name="T">Element type: float, int, <see cref="BFloat16"/> or <see cref="Half"/>.</typeparam>
public readonly unsafe struct View<T>
    where T : unmanaged
{
    /// <summary>The address of element 0 on the device that the view belongs to.</summary>
    public readonly T* Pointer;

    /// <summary>Elements that may be touched.</summary>
    public readonly long Length;

    /// <summary>A view of <paramref name="length"/> elements from <paramref name="pointer"/>.</summary>
    public View(T* pointer, long length)
    {
        Pointer = pointer;
        Length = length;
    }

    /// <summary>False for an optional argument that was not given.</summary>
    public bool Exists => Pointer != null;

    /// <summary>Bytes of <paramref name="elements"/> elements, none if the view does not exist: what <see cref="IKernel.Cost"/> adds up.</summary>
    public long BytesOf(long elements) => Exists ? elements * sizeof(T) : 0;

    /// <summary>Element <paramref name="i"/>.</summary>
    public ref T this[long i]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            Debug.Assert((ulong)i < (ulong)Length, "view index out of range");
            return ref Pointer[i];
        }
    }

    /// <summary>Row <paramref name="row"/> of a row-major matrix with <paramref name="width"/> columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public View<T> Row(long row, long width)
    {
        Debug.Assert(row >= 0 && width >= 0 && (row + 1) * width <= Length, "view row out of range");
        return new View<T>(Pointer + (row * width), width);
    }

    /// <summary>The elements from <paramref name="start"/> to the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public View<T> From(long start)
    {
        Debug.Assert((ulong)start <= (ulong)Length, "view start out of range");
        return new View<T>(Pointer + start, Length - start);
    }
}
