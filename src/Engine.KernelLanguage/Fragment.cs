using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Engine.KernelLanguage;

/// <summary>
/// The left operand of a tensor-core product: <see cref="Fragment.Size"/> × <see cref="Fragment.Size"/> numbers of 16 bits,
/// spread over the lanes of a warp in an order that only the hardware knows. Where there are no tensor cores a warp is one
/// lane, which holds them all.
/// </summary>
public struct FragmentA
{
    internal Fragment.Numbers<ushort> Bits;
}

/// <summary>The right operand of a tensor-core product; see <see cref="FragmentA"/>.</summary>
public struct FragmentB
{
    internal Fragment.Numbers<ushort> Bits;
}

/// <summary>The float32 sums of a tensor-core product; see <see cref="FragmentA"/>. A cleared one holds zeros.</summary>
public struct FragmentC
{
    internal Fragment.Numbers<float> Sums;
}

/// <summary>
/// Matrix products by tensor cores: C += A·B for 16×16 tiles of 16-bit numbers with float32 sums. Every function is a
/// collective of the <em>warp</em> (<see cref="Block.Warp"/>): all its lanes call it with the same arguments. NVIDIA runs
/// <c>mma.sync.m16n8k16</c> (sm_80 and newer); elsewhere the same is computed with plain loops.
/// </summary>
public static class Fragment
{
    /// <summary>Rows, columns and depth of a product.</summary>
    public const int Size = 16;

    /// <summary>A[i, k] = tile[start + i·stride + k].</summary>
    /// <typeparam name="T"><see cref="BFloat16"/> or <see cref="Half"/>.</typeparam>
    /// <param name="tile">Shared memory.</param>
    /// <param name="start">Where the first number lies; a multiple of 8.</param>
    /// <param name="stride">Numbers from one row to the next; a multiple of 8.</param>
    [Intrinsic("eng_fragment_load_a", "eng_fragment_load_a")]
    public static FragmentA LoadA<T>(Span<T> tile, int start, int stride)
        where T : unmanaged => new() { Bits = Load(tile, start, stride) };

    /// <summary>B[k, j] = tile[start + j·stride + k]: the tile holds the columns of B, so that both operands lie along k.</summary>
    /// <inheritdoc cref="LoadA{T}"/>
    [Intrinsic("eng_fragment_load_b", "eng_fragment_load_b")]
    public static FragmentB LoadB<T>(Span<T> tile, int start, int stride)
        where T : unmanaged => new() { Bits = Load(tile, start, stride) };

    /// <summary>A[i, k] = tile[start + k·stride + i]: a tile that lies across k.</summary>
    /// <inheritdoc cref="LoadA{T}"/>
    [Intrinsic("eng_fragment_load_a_across", "eng_fragment_load_a_across")]
    public static FragmentA LoadAAcross<T>(Span<T> tile, int start, int stride)
        where T : unmanaged => new() { Bits = LoadAcross(tile, start, stride) };

    /// <summary>B[k, j] = tile[start + k·stride + j]: a tile that lies across k.</summary>
    /// <inheritdoc cref="LoadA{T}"/>
    [Intrinsic("eng_fragment_load_b_across", "eng_fragment_load_b_across")]
    public static FragmentB LoadBAcross<T>(Span<T> tile, int start, int stride)
        where T : unmanaged => new() { Bits = LoadAcross(tile, start, stride) };

    /// <summary>Sums of a fragment that one lane holds; their places are <see cref="Row"/> and <see cref="Column"/>.</summary>
    [Intrinsic("ENG_FRAGMENT_OWN", "ENG_FRAGMENT_OWN")]
    public static int Own => Size * Size;

    /// <summary>The row of this lane's sum number <paramref name="e"/>.</summary>
    [Intrinsic("eng_fragment_row", "eng_fragment_row", PerLane = true)]
    public static int Row(int e) => e / Size;

    /// <summary>The column of this lane's sum number <paramref name="e"/>.</summary>
    [Intrinsic("eng_fragment_column", "eng_fragment_column", PerLane = true)]
    public static int Column(int e) => e % Size;

    /// <summary>This lane's sum number <paramref name="e"/>.</summary>
    [Intrinsic("eng_fragment_sum", "eng_fragment_sum", PerLane = true)]
    public static float Sum(FragmentC c, int e) => c.Sums[e];

    /// <summary>c += a·b for operands loaded from <see cref="BFloat16"/>.</summary>
    [Intrinsic("eng_fragment_multiply_add_bf16", "eng_fragment_multiply_add_bf16")]
    public static void MultiplyAddBFloat16(ref FragmentC c, FragmentA a, FragmentB b)
    {
        for (int e = 0; e < Size * Size; e++)
        {
            for (int k = 0; k < Size; k++)
            {
                c.Sums[e] += (float)new BFloat16(a.Bits[(e / Size * Size) + k]) * (float)new BFloat16(b.Bits[(e % Size * Size) + k]);
            }
        }
    }

    /// <summary>c += a·b for operands loaded from <see cref="Half"/>.</summary>
    [Intrinsic("eng_fragment_multiply_add_f16", "eng_fragment_multiply_add_f16")]
    public static void MultiplyAddHalf(ref FragmentC c, FragmentA a, FragmentB b)
    {
        for (int e = 0; e < Size * Size; e++)
        {
            for (int k = 0; k < Size; k++)
            {
                c.Sums[e] += (float)BitConverter.UInt16BitsToHalf(a.Bits[(e / Size * Size) + k])
                    * (float)BitConverter.UInt16BitsToHalf(b.Bits[(e % Size * Size) + k]);
            }
        }
    }

    /// <summary>tile[start + i·stride + j] = C[i, j].</summary>
    /// <param name="c">The sums.</param>
    /// <param name="tile">Shared memory.</param>
    /// <param name="start">Where the first number goes.</param>
    /// <param name="stride">Numbers from one row to the next.</param>
    [Intrinsic("eng_fragment_store", "eng_fragment_store")]
    public static void Store(FragmentC c, Span<float> tile, int start, int stride)
    {
        for (int e = 0; e < Size * Size; e++)
        {
            tile[start + (e / Size * stride) + (e % Size)] = c.Sums[e];
        }
    }

    private static Numbers<ushort> Load<T>(Span<T> tile, int start, int stride)
        where T : unmanaged
    {
        Numbers<ushort> bits = default;
        for (int e = 0; e < Size * Size; e++)
        {
            bits[e] = Unsafe.BitCast<T, ushort>(tile[start + (e / Size * stride) + (e % Size)]);
        }

        return bits;
    }

    private static Numbers<ushort> LoadAcross<T>(Span<T> tile, int start, int stride)
        where T : unmanaged
    {
        Numbers<ushort> bits = default;
        for (int e = 0; e < Size * Size; e++)
        {
            bits[e] = Unsafe.BitCast<T, ushort>(tile[start + (e % Size * stride) + (e / Size)]);
        }

        return bits;
    }

    [InlineArray(Size * Size)]
    [SuppressMessage("Style", "IDE0044", Justification = "The element of an inline array.")]
    internal struct Numbers<T>
        where T : unmanaged
    {
        private T _element;
    }
}
