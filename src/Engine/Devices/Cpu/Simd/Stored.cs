using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Engine.KernelLanguage;

namespace Engine;

/// <summary>
/// Vectors of any storage type as vectors of float32: bf16 and fp16 are widened exactly and rounded to nearest even, float32 is
/// itself. int8 is loaded only, in whole vectors and without its scale. The type is known to the compiler, so each use is one of the cases.
/// </summary>
internal static unsafe class Stored<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    /// <summary>One vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load<T>(T* p)
        where T : unmanaged =>
        typeof(T) == typeof(float) ? S.Load((float*)p)
        : typeof(T) == typeof(BFloat16) ? S.ShiftLeftBits(S.LoadUInt16((ushort*)p), 16)
        : typeof(T) == typeof(sbyte) ? S.LoadInt8((sbyte*)p)
        : FromHalf(S.LoadUInt16((ushort*)p));

    /// <summary>The first <paramref name="n"/> elements (0 … Width), zeros behind; touches no memory beyond them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load<T>(T* p, int n)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            return S.Load((float*)p, n);
        }

        // Room for a vector of the largest width there is.
        Vector256<ushort> whole = default;
        CopyWords((ushort*)p, (ushort*)&whole, n);
        return Load((T*)&whole);
    }

    /// <summary>One element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float One<T>(T* p)
        where T : unmanaged =>
        typeof(T) == typeof(float) ? *(float*)p
        : typeof(T) == typeof(BFloat16) ? (float)*(BFloat16*)p
        : typeof(T) == typeof(sbyte) ? *(sbyte*)p
        : (float)*(Half*)p;

    /// <summary>Stores one element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void One<T>(T* p, float x)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            *(float*)p = x;
        }
        else if (typeof(T) == typeof(BFloat16))
        {
            *(BFloat16*)p = (BFloat16)x;
        }
        else
        {
            *(Half*)p = (Half)x;
        }
    }

    /// <summary>Stores one vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<T>(T* p, V x)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            S.Store((float*)p, x);
        }
        else if (typeof(T) == typeof(BFloat16))
        {
            S.StoreUInt16((ushort*)p, ToBFloat16(x));
        }
        else
        {
            S.StoreUInt16((ushort*)p, ToHalf(x));
        }
    }

    /// <summary>Stores one vector, past the caches (<see cref="ISimd{V}.Stream"/>) if <paramref name="stream"/> says so.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<T>(T* p, V x, bool stream)
        where T : unmanaged
    {
        if (!stream)
        {
            Store(p, x);
        }
        else if (typeof(T) == typeof(float))
        {
            S.Stream((float*)p, x);
        }
        else
        {
            S.StreamUInt16((ushort*)p, typeof(T) == typeof(BFloat16) ? ToBFloat16(x) : ToHalf(x));
        }
    }

    /// <summary>Stores the first <paramref name="n"/> elements (0 … Width) only.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<T>(T* p, V x, int n)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            S.Store((float*)p, x, n);
            return;
        }

        Vector256<ushort> whole = default;
        Store((T*)&whole, x);
        CopyWords((ushort*)&whole, (ushort*)p, n);
    }

    /// <summary>to = from, converted; float32 elements are copied.</summary>
    public static void Convert<TIn, TOut>(TIn* from, TOut* to, long n)
        where TIn : unmanaged
        where TOut : unmanaged
    {
        long i = 0;
        for (; i + S.Width <= n; i += S.Width)
        {
            Store(to + i, Load(from + i));
        }

        int rest = (int)(n - i);
        Store(to + i, Load(from + i, rest), rest);
    }

    // A loop and not a call, so that callers keep their vectors in registers.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyWords(ushort* from, ushort* to, int n)
    {
        for (int i = 0; i < n; i++)
        {
            to[i] = from[i];
        }
    }

    // Half the bits in each place. 2¹¹² moves the exponent's bias, for subnormal numbers too; infinities and NaN get the
    // exponent that means them.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V FromHalf(V half)
    {
        V magnitude = S.And(half, S.CreateBits(0x7FFF));
        V sign = S.ShiftLeftBits(S.And(half, S.CreateBits(0x8000)), 16);
        V value = S.Mul(S.ShiftLeftBits(magnitude, 13), S.CreateBits(0x77800000));
        value = S.IfGreater(S.Create(65535f), value, value, S.Or(value, S.CreateBits(0x7F800000)));
        return S.Or(value, sign);
    }

    // Rounds by carrying into the upper half; NaN becomes quiet, infinities stay.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ToBFloat16(V x)
    {
        V top = S.ShiftRightBits(x, 16);
        V odd = S.And(top, S.CreateBits(1));
        V rounded = S.ShiftRightBits(S.AddBits(S.AddBits(x, S.CreateBits(0x7FFF)), odd), 16);
        return S.IfGreater(Infinity, S.Abs(x), rounded, S.Or(top, S.ShiftLeftBits(IsNaN(x), 6)));
    }

    // Normal numbers round by carrying, subnormal ones by adding ½, whose last place is half's smallest number.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ToHalf(V x)
    {
        V magnitude = S.Abs(x);
        V sign = S.And(S.ShiftRightBits(x, 16), S.CreateBits(0x8000));
        V odd = S.And(S.ShiftRightBits(magnitude, 13), S.CreateBits(1));
        V normal = S.ShiftRightBits(S.AddBits(S.AddBits(magnitude, S.CreateBits(0xC8000FFF)), odd), 13);
        V small = S.AddBits(S.Add(magnitude, S.Create(0.5f)), S.CreateBits(0xC1000000));
        V finite = S.IfGreater(S.CreateBits(0x38800000), magnitude, small, normal);
        V special = S.Or(S.CreateBits(0x7C00), S.ShiftLeftBits(IsNaN(x), 9));
        V large = S.IfGreater(Infinity, magnitude, S.CreateBits(0x7C00), special);
        return S.Or(S.IfGreater(S.Create(65536f), magnitude, finite, large), sign);
    }

    private static V Infinity => S.Create(float.PositiveInfinity);

    // For numbers that are not finite: 1 in the places of NaN, as any bit of the mantissa carries.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V IsNaN(V x) => S.ShiftRightBits(S.AddBits(S.And(x, S.CreateBits(0x7FFFFF)), S.CreateBits(0x7FFFFF)), 23);
}
