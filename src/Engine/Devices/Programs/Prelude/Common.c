// What device programs share in every dialect, as the same text. The dialect's Types file comes before it and defines
// ENG_FN (how a function of a program is declared), the integer types, eng_bits and eng_from_bits; its Collectives file
// comes after it. C# is the definition of every function here: KMath, Layout, Philox, BFloat16.

#define ENG_INFINITY eng_from_bits(0x7F800000u)
// The bits that .NET's float.NaN has.
#define ENG_NAN eng_from_bits(0xFFC00000u)

// By bits, so that no option about finite numbers can decide them at compile time.
ENG_FN int eng_isnan(float x) { return (eng_bits(x) & 0x7FFFFFFFu) > 0x7F800000u; }
ENG_FN int eng_isinf(float x) { return (eng_bits(x) & 0x7FFFFFFFu) == 0x7F800000u; }
ENG_FN int eng_isfinite(float x) { return (eng_bits(x) & 0x7F800000u) != 0x7F800000u; }

// MathF.Max and MathF.Min: NaN wins, and +0 is above −0. A dialect that has an instruction for it says so.
#ifndef ENG_HAS_MAX
ENG_FN float eng_max(float a, float b)
{
    if (eng_isnan(a)) return a;
    if (eng_isnan(b)) return b;
    return a > b || (a == b && (eng_bits(a) >> 31) == 0u) ? a : b;
}

ENG_FN float eng_min(float a, float b)
{
    if (eng_isnan(a)) return a;
    if (eng_isnan(b)) return b;
    return a < b || (a == b && (eng_bits(a) >> 31) == 1u) ? a : b;
}
#endif

ENG_FN int eng_max_i32(int a, int b) { return a > b ? a : b; }
ENG_FN int eng_min_i32(int a, int b) { return a < b ? a : b; }
ENG_FN i64 eng_max_i64(i64 a, i64 b) { return a > b ? a : b; }
ENG_FN i64 eng_min_i64(i64 a, i64 b) { return a < b ? a : b; }

// Through unsigned, where −int.MinValue wraps instead of being undefined.
ENG_FN int eng_abs_i32(int a) { return a < 0 ? (int)(0u - (uint)a) : a; }

ENG_FN i64 eng_end(i64 n) { return eng_min_i64(n, (eng_block() + 1) * 4096); }
ENG_FN i64 eng_start(void) { return eng_block() * 4096 + eng_lane(); }

// bfloat16 is the upper half of a float32. Rounding is to nearest, ties to even; a NaN becomes quiet and stays one.
ENG_FN float eng_bf16_to_f32(bf16 x) { return eng_from_bits((uint)x << 16); }

ENG_FN bf16 eng_f32_to_bf16(float x)
{
    uint bits = eng_bits(x);
    return eng_isnan(x) ? (bf16)((bits >> 16) | 0x40u) : (bf16)((bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16);
}

typedef struct { i64 sizes[8]; i64 strides[8]; int rank; } Layout;

// Sizes and indices almost always fit 32 bits, where a division costs a fifth.
ENG_FN i64 eng_quotient(i64 a, i64 b)
{
    return ((u64)(a | b) >> 32) == 0u ? (i64)((uint)a / (uint)b) : a / b;
}

// All axes by constant index, so that the layout stays where the arguments are.
ENG_FN i64 eng_layout_at(Layout l, i64 i)
{
    if (l.rank == 0) return i;
    i64 offset = 0;
#pragma unroll
    for (int axis = 7; axis > 0; axis--)
    {
        if (axis < l.rank)
        {
            i64 rest = eng_quotient(i, l.sizes[axis]);
            offset += (i - rest * l.sizes[axis]) * l.strides[axis];
            i = rest;
        }
    }
    return offset + i * l.strides[0];
}

typedef struct { uint X, Y, Z, W; } Philox_Words;

ENG_FN Philox_Words eng_philox_rounds(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1)
{
#pragma unroll
    for (int round = 0; round < 10; round++)
    {
        u64 p0 = (u64)0xD2511F53u * c0;
        u64 p1 = (u64)0xCD9E8D57u * c2;
        c0 = (uint)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint)p1;
        c2 = (uint)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint)p0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    Philox_Words w;
    w.X = c0;
    w.Y = c1;
    w.Z = c2;
    w.W = c3;
    return w;
}

ENG_FN Philox_Words eng_philox_at(u64 seed, u64 stream, u64 counter)
{
    return eng_philox_rounds((uint)counter, (uint)(counter >> 32), (uint)stream, (uint)(stream >> 32), (uint)seed, (uint)(seed >> 32));
}

ENG_FN uint eng_philox_word(u64 seed, u64 stream, u64 index)
{
    Philox_Words w = eng_philox_at(seed, stream, index >> 2);
    uint place = (uint)index & 3u;
    return place == 0u ? w.X : place == 1u ? w.Y : place == 2u ? w.Z : w.W;
}

ENG_FN float eng_philox_to_uniform(uint word) { return (float)(word >> 8) * (1.0f / 16777216.0f); }

ENG_FN float eng_philox_uniform(u64 seed, u64 stream, u64 index)
{
    return eng_philox_to_uniform(eng_philox_word(seed, stream, index));
}
