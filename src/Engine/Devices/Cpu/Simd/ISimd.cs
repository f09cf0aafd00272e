using System.Runtime.Intrinsics;

namespace Engine;

/// <summary>
/// A vector width as a set of static operations, so that an override is written once and the compiler makes an AVX-512,
/// an AVX2 and a 128-bit version of it.
/// </summary>
/// <typeparam name="V">The vector type: <c>Vector512&lt;float&gt;</c> and so on.</typeparam>
internal unsafe interface ISimd<V>
    where V : struct
{
    /// <summary>Floats in one vector.</summary>
    static abstract int Width { get; }

    /// <summary>Whether <see cref="ScaleByPowerOf2"/> takes any n and rounds to 0 and to ∞ as a product with 2ⁿ does.</summary>
    static abstract bool ScalesPastRange { get; }

    static abstract V Zero { get; }

    static abstract V Load(float* p);

    static abstract void Store(float* p, V x);

    /// <summary>Asks for the cache line of <paramref name="p"/>, which need not be valid memory; a hint.</summary>
    static abstract void Prefetch(void* p);

    /// <summary>The first <paramref name="n"/> floats (0 … Width), zeros behind; touches no memory beyond them.</summary>
    static abstract V Load(float* p, int n);

    /// <summary>Stores the first <paramref name="n"/> floats (0 … Width) only.</summary>
    static abstract void Store(float* p, V x, int n);

    /// <summary>
    /// Stores past the caches, at an address aligned to the vector: for memory that is read again only when it would have left them.
    /// Whoever lets others read it calls <see cref="Streams.Fence"/> first.
    /// </summary>
    static abstract void Stream(float* p, V x);

    /// <summary>The first <paramref name="n"/> places (0 … Width) of one vector and the others of another.</summary>
    static abstract V Join(V first, V rest, int n);

    /// <summary>One float in every place.</summary>
    static abstract V Create(float x);

    static abstract V Add(V a, V b);

    static abstract V Sub(V a, V b);

    static abstract V Mul(V a, V b);

    static abstract V Div(V a, V b);

    /// <summary>a·b + c, rounded once where the hardware can.</summary>
    static abstract V Fma(V a, V b, V c);

    /// <summary>a &gt; b ? a : b, so b where one of them is NaN (on x86; NaN itself elsewhere).</summary>
    static abstract V Max(V a, V b);

    /// <summary>a &lt; b ? a : b, so b where one of them is NaN (on x86; NaN itself elsewhere).</summary>
    static abstract V Min(V a, V b);

    static abstract V Sqrt(V x);

    static abstract V Abs(V x);

    /// <summary>Rounded to the nearest integer.</summary>
    static abstract V Round(V x);

    /// <summary>x·2ⁿ for an integral n from −126 to 127, or if <see cref="ScalesPastRange"/> x·2^⌊n⌋ for any n.</summary>
    static abstract V ScaleByPowerOf2(V x, V n);

    /// <summary>2^(j/16) with j the lowest four bits of a place, for widths that <see cref="ScalesPastRange"/>.</summary>
    static abstract V PowerOf2Sixteenths(V bits);

    /// <summary>a &gt; b ? yes : no, place by place.</summary>
    static abstract V IfGreater(V a, V b, V yes, V no);

    /// <summary>The sign of <paramref name="sign"/> on the magnitude of <paramref name="x"/>.</summary>
    static abstract V CopySign(V x, V sign);

    /// <summary>The sum of all places.</summary>
    static abstract float Sum(V x);

    /// <summary>The sums of all places of four vectors.</summary>
    static abstract Vector128<float> Sum(V a, V b, V c, V d);

    /// <summary>The largest place.</summary>
    static abstract float MaxAcross(V x);

    /// <summary>Bit patterns of 16 bits, each in the lower half of a place.</summary>
    static abstract V LoadUInt16(ushort* p);

    /// <summary>Stores the lower half of each place.</summary>
    static abstract void StoreUInt16(ushort* p, V bits);

    /// <summary>The same past the caches, as <see cref="Stream"/>.</summary>
    static abstract void StreamUInt16(ushort* p, V bits);

    /// <summary>Signed bytes as floats.</summary>
    static abstract V LoadInt8(sbyte* p);

    /// <summary>One bit pattern in every place.</summary>
    static abstract V CreateBits(uint bits);

    static abstract V And(V a, V b);

    static abstract V Or(V a, V b);

    /// <summary>The sum of the places as integers.</summary>
    static abstract V AddBits(V a, V b);

    static abstract V ShiftLeftBits(V x, int n);

    /// <summary>Shifts zeros in.</summary>
    static abstract V ShiftRightBits(V x, int n);

    static abstract V Xor(V a, V b);

    /// <summary>The places as signed integers, as floats.</summary>
    static abstract V FromBits(V bits);

    /// <summary>The products of the even places as unsigned integers, each as the 64 bits of a pair of places.</summary>
    static abstract V MultiplyEvenBits(V a, V b);

    /// <summary>The sum of the pairs of places as 64-bit integers.</summary>
    static abstract V AddPairs(V a, V b);

    /// <summary>64 bits in every pair of places.</summary>
    static abstract V CreatePairs(ulong bits);

    static abstract V ShiftLeftPairs(V x, int n);

    /// <summary>Shifts zeros in.</summary>
    static abstract V ShiftRightPairs(V x, int n);

    /// <summary>The even pairs of a and b in turn: a₀ b₀ a₂ b₂ ….</summary>
    static abstract V EvenPairs(V a, V b);

    /// <summary>The odd pairs of a and b in turn: a₁ b₁ a₃ b₃ ….</summary>
    static abstract V OddPairs(V a, V b);
}
