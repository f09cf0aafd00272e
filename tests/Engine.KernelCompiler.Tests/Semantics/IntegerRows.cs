namespace Engine.KernelCompiler.Tests;

internal readonly partial struct ShiftLeft : IRow
{
    public static uint Of(uint a, uint b) => (uint)((int)a << (int)b);
}

internal readonly partial struct ShiftRight : IRow
{
    public static uint Of(uint a, uint b) => (uint)((int)a >> (int)b);
}

internal readonly partial struct ShiftRightUnsigned : IRow
{
    public static uint Of(uint a, uint b) => (uint)((int)a >>> (int)b) ^ (a >>> (int)b) ^ (a << (int)b) ^ (a >> (int)b);
}

internal readonly partial struct ShiftWide : IRow
{
    public static uint Of(uint a, uint b)
    {
        long v = ((long)a << 32) | b;
        ulong w = (ulong)v;
        long s = (v << (int)b) ^ (v >> (int)a) ^ (v >>> (int)(a + b));
        ulong t = (w << (int)b) ^ (w >> (int)a);
        return (uint)(s >> 32) ^ (uint)s ^ (uint)(t >> 32) ^ (uint)t;
    }
}

internal readonly partial struct ShiftAssigned : IRow
{
    public static uint Of(uint a, uint b)
    {
        int v = (int)a;
        uint w = a;
        v <<= (int)b;
        v >>= 33;
        w >>= (int)b;
        v >>>= 1;
        w <<= 35;
        return (uint)v ^ w;
    }
}

internal readonly partial struct Quotients : IRow
{
    public static uint Of(uint a, uint b)
    {
        int x = (int)a;
        int y = (int)b;
        return y == 0 || (y == -1 && x == int.MinValue) ? 0u : (uint)(x / y) ^ ((uint)(x % y) << 7) ^ ((a / b) << 13) ^ ((a % b) << 19);
    }
}

internal readonly partial struct WideQuotients : IRow
{
    public static uint Of(uint a, uint b)
    {
        long x = ((long)(int)a * 4294967291L) + 17;
        long y = (int)b;
        ulong u = (ulong)x;
        return y == 0 ? 0u : (uint)(x / y) ^ (uint)((x % y) >> 3) ^ (uint)(u / b) ^ (uint)(u % b);
    }
}

internal readonly partial struct IntMeetsUint : IRow
{
    public static uint Of(uint a, uint b)
    {
        int x = (int)b;
        long sum = a + x;
        long product = x * a;
        bool less = x < a;
        bool same = x == a;
        long negative = -a;
        return (uint)(sum >> 32) ^ (uint)sum ^ (uint)(product >> 17) ^ (uint)(negative >> 8) ^ (less ? 1u : 0u) ^ (same ? 2u : 0u);
    }
}

internal readonly partial struct UnsignedOverflow : IRow
{
    public static uint Of(uint a, uint b)
    {
        ulong w = (ulong)a * 0xD2511F53UL * b;
        uint s = (a * b) + 0x9E3779B9u - (b - a);
        s *= 0x85EBCA6Bu;
        s -= 7;
        return s ^ (uint)(w >> 32) ^ (uint)w;
    }
}

internal readonly partial struct Narrowing : IRow
{
    public static uint Of(uint a, uint b)
    {
        int x = (int)a;
        byte u8 = (byte)x;
        sbyte i8 = (sbyte)x;
        ushort u16 = (ushort)x;
        short i16 = (short)x;
        long wide = (((long)a << 32) | b) - 3;
        u8 += 200;
        i8 -= 100;
        u16 <<= 3;
        i16 *= 3;
        return (uint)(u8 + (i8 * 3) + (u16 * 5) + (i16 * 7)) ^ (uint)(int)wide ^ (uint)wide ^ (uint)(byte)wide ^ (uint)(short)(wide >> 20);
    }
}

internal readonly partial struct SmallNumbers : IRow
{
    public static uint Of(uint a, uint b)
    {
        byte x = (byte)a;
        byte y = (byte)b;
        sbyte z = (sbyte)b;
        return (uint)(x - y) ^ (uint)(x * y) ^ (uint)~x ^ (uint)(x << 25) ^ (uint)(z >> 2) ^ (uint)-z ^ (x < z ? 1u : 0u);
    }
}

internal readonly partial struct Extremes : IRow
{
    public static uint Of(uint a, uint b)
    {
        int x = (int)a;
        int y = (int)b;
        int magnitude = x == int.MinValue ? 0 : Math.Abs(x);
        long wide = Math.Max((long)x, b) - Math.Min((long)y, a);
        return (uint)Math.Max(x, y) ^ ((uint)Math.Min(x, y) << 5) ^ (uint)magnitude ^ (uint)wide;
    }
}

internal readonly partial struct Literals : IRow
{
    public static uint Of(uint a, uint b)
    {
        int least = int.MinValue;
        long wide = long.MinValue + a;
        ulong most = ulong.MaxValue - b;
        long hex = 0x7FFF_FFFF_FFFF_FFFF ^ b;
        return (uint)least ^ (uint)(wide >> 32) ^ (uint)(most >> 32) ^ (uint)(hex >> 31) ^ (a & 0xFFFF_0000u) ^ (uint)'A';
    }
}

internal readonly partial struct Precedence : IRow
{
    public static uint Of(uint a, uint b)
    {
        bool p = a > b;
        bool q = (a & 1) == 0;
        uint x = a - (b - 3) - (a ^ (b & 5)) | b >> 3 & a;
        uint y = ~(a + b) * 3u + (a == b ? 1u : p ? 2u : 3u);
        bool r = p && q || !p && !q | (p & q) ^ p;
        int z = -(-(int)(a & 0xFF)) - -5;
        return x ^ y ^ (r ? 0x10000u : 0u) ^ (uint)(z % 7 * 2 / 3) ^ (uint)(10 - (5 - (int)(a & 3)));
    }
}

internal readonly partial struct Choices : IRow
{
    private enum Kind : byte
    {
        None,
        Some = 200,
    }

    public static uint Of(uint a, uint b)
    {
        Kind kind = (a & 1) == 0 ? Kind.None : Kind.Some;
        uint r = 7;
        switch (b % 5)
        {
            case 0:
                r = a;
                break;
            case 1:
            case 2:
                r += 3;
                break;
        }

        switch (kind)
        {
            case Kind.Some:
                r ^= (uint)kind;
                break;
            default:
                r *= 2;
                break;
        }

        int v = (int)(a % 9);
        uint arm = v switch { 0 => 1u, 1 or 2 => 5u, > 5 and not 7 => 9u, < 4 when b > 3 => 11u, _ => 13u };
        return r ^ (arm << 8) ^ (v is > 2 and < 6 ? 1u << 20 : 0u);
    }
}

internal readonly partial struct Loops : IRow
{
    public static uint Of(uint a, uint b)
    {
        uint s = 0;
        uint i = a % 17;
        while (i > 0)
        {
            i--;
            if ((i & 3) == 2)
            {
                continue;
            }

            s = (s * 31) + i;
        }

        do
        {
            s ^= b;
            i++;
        }
        while (i < b % 5);
        for (int j = 0, k = 10; ; j++, k--)
        {
            if (j > k)
            {
                break;
            }

            switch (j)
            {
                case 3:
                    s += 100;
                    continue;
                default:
                    break;
            }

            s += (uint)(j * k);
        }

        return s;
    }
}

internal readonly partial struct ClearedArrays : IRow
{
    public static uint Of(uint a, uint b)
    {
        uint s = 0;
        for (int round = 0; round < 3; round++)
        {
            s = (s * 3) + Fill(a, b);
        }

        return s;
    }

    private static uint Fill(uint a, uint b)
    {
        Span<uint> cells = stackalloc uint[5];
        uint before = cells[(int)(a % 5)] + cells[(int)(b % 5)];
        cells[(int)(a % 5)] = a;
        cells[(int)(b % 5)] += b;
        return before + cells[0] + cells[4];
    }
}
