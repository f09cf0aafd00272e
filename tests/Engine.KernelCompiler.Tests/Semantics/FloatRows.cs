namespace Engine.KernelCompiler.Tests;

internal readonly partial struct FloatToInt : IRow
{
    public static bool TakesFloats => true;

    public static uint Of(uint a, uint b) => (uint)(int)BitConverter.UInt32BitsToSingle(a);
}

internal readonly partial struct FloatToUint : IRow
{
    public static bool TakesFloats => true;

    public static uint Of(uint a, uint b) => (uint)BitConverter.UInt32BitsToSingle(a);
}

internal readonly partial struct FloatToLong : IRow
{
    public static bool TakesFloats => true;

    public static uint Of(uint a, uint b)
    {
        long v = (long)BitConverter.UInt32BitsToSingle(a);
        ulong w = (ulong)BitConverter.UInt32BitsToSingle(b);
        return (uint)v ^ ((uint)(v >> 32) * 3) ^ ((uint)w * 5) ^ ((uint)(w >> 32) * 7);
    }
}

internal readonly partial struct FloatToSmall : IRow
{
    public static bool TakesFloats => true;

    public static uint Of(uint a, uint b)
    {
        float x = BitConverter.UInt32BitsToSingle(a);
        return (uint)((byte)x + ((sbyte)x * 1000)) ^ ((uint)((short)x + ((ushort)x * 3)) << 8);
    }
}

internal readonly partial struct IntToFloat : IRow
{
    public static bool GivesFloat => true;

    public static uint Of(uint a, uint b)
    {
        long wide = ((long)a << 32) | b;
        float sum = (b & 3) switch { 0 => (int)a, 1 => a, 2 => wide, _ => (ulong)wide };
        return BitConverter.SingleToUInt32Bits(sum);
    }
}

internal readonly partial struct MaxOfNaN : IRow
{
    public static bool TakesFloats => true;

    public static bool GivesFloat => true;

    public static uint Of(uint a, uint b) =>
        BitConverter.SingleToUInt32Bits(MathF.Max(BitConverter.UInt32BitsToSingle(a), BitConverter.UInt32BitsToSingle(b)));
}

internal readonly partial struct MinOfNaN : IRow
{
    public static bool TakesFloats => true;

    public static bool GivesFloat => true;

    public static uint Of(uint a, uint b) =>
        BitConverter.SingleToUInt32Bits(MathF.Min(BitConverter.UInt32BitsToSingle(a), BitConverter.UInt32BitsToSingle(b)));
}

internal readonly partial struct Comparisons : IRow
{
    public static bool TakesFloats => true;

    public static uint Of(uint a, uint b)
    {
        float x = BitConverter.UInt32BitsToSingle(a);
        float y = BitConverter.UInt32BitsToSingle(b);
        return (x < y ? 1u : 0u) | (x <= y ? 2u : 0u) | (x > y ? 4u : 0u) | (x >= y ? 8u : 0u) | (x == y ? 16u : 0u) | (x != y ? 32u : 0u)
            | (!(x < y) ? 64u : 0u) | (float.IsNaN(x) ? 128u : 0u) | (float.IsInfinity(y) ? 256u : 0u) | (float.IsFinite(x) ? 512u : 0u);
    }
}

internal readonly partial struct FloatRemainder : IRow
{
    public static bool TakesFloats => true;

    public static bool GivesFloat => true;

    public static uint Of(uint a, uint b)
    {
        float x = BitConverter.UInt32BitsToSingle(a);
        float y = x;
        y %= BitConverter.UInt32BitsToSingle(b);
        float z = x % BitConverter.UInt32BitsToSingle(b);
        return y == z || float.IsNaN(z) ? BitConverter.SingleToUInt32Bits(z) : 1u;
    }
}

internal readonly partial struct Sums : IRow
{
    public static bool TakesFloats => true;

    public static bool GivesFloat => true;

    public static uint Of(uint a, uint b) => BitConverter.SingleToUInt32Bits(BitConverter.UInt32BitsToSingle(a) + BitConverter.UInt32BitsToSingle(b));
}

internal readonly partial struct Products : IRow
{
    public static bool TakesFloats => true;

    public static bool GivesFloat => true;

    public static uint Of(uint a, uint b) => BitConverter.SingleToUInt32Bits(BitConverter.UInt32BitsToSingle(a) * BitConverter.UInt32BitsToSingle(b));
}

internal readonly partial struct SignsOfZero : IRow
{
    public static bool TakesFloats => true;

    public static bool GivesFloat => true;

    public static uint Of(uint a, uint b)
    {
        float x = BitConverter.UInt32BitsToSingle(a);
        return BitConverter.SingleToUInt32Bits(b < a ? -x : x == 0f ? -0f : MathF.CopySign(x, BitConverter.UInt32BitsToSingle(b)));
    }
}

internal readonly partial struct FloatLiterals : IRow
{
    public static bool GivesFloat => true;

    public static uint Of(uint a, uint b) => BitConverter.SingleToUInt32Bits((a % 9) switch
    {
        0 => float.Epsilon,
        1 => float.MaxValue,
        2 => float.MinValue,
        3 => float.NegativeInfinity,
        4 => float.NaN,
        5 => 1.17549421e-38f,
        6 => 0.1f,
        7 => -0f,
        _ => 16777217f,
    });
}

internal readonly partial struct RoundingToIntegers : IRow
{
    public static bool TakesFloats => true;

    public static bool GivesFloat => true;

    public static uint Of(uint a, uint b)
    {
        float x = BitConverter.UInt32BitsToSingle(a);
        float f = (b & 3) switch { 0 => MathF.Floor(x), 1 => MathF.Ceiling(x), 2 => MathF.Truncate(x), _ => MathF.Abs(x) };
        return BitConverter.SingleToUInt32Bits(f);
    }
}

internal readonly partial struct ThroughHalf : IRow
{
    public static bool TakesFloats => true;

    public static bool GivesFloat => true;

    public static uint Of(uint a, uint b) => BitConverter.SingleToUInt32Bits((float)(Half)BitConverter.UInt32BitsToSingle(a));
}

internal readonly partial struct ThroughBFloat16 : IRow
{
    public static bool TakesFloats => true;

    public static bool GivesFloat => true;

    public static uint Of(uint a, uint b) =>
        BitConverter.SingleToUInt32Bits((float)(KernelLanguage.BFloat16)BitConverter.UInt32BitsToSingle(a));
}
