// Conversions and the collectives of a block. A collective joins lanes by shuffles within each warp and warps through
// shared memory, always in the same order, for any number of lanes: the last warp may be partial.

// .NET's conversions: towards zero, saturating, NaN to 0. The hardware's saturate too, but NaN becomes 2^63 in 64 bits.
ENG_FN int eng_f32_to_i32(float x) { return eng_isnan(x) ? 0 : __float2int_rz(x); }
ENG_FN uint eng_f32_to_u32(float x) { return eng_isnan(x) ? 0u : __float2uint_rz(x); }
ENG_FN i64 eng_f32_to_i64(float x) { return eng_isnan(x) ? 0 : __float2ll_rz(x); }
ENG_FN u64 eng_f32_to_u64(float x) { return eng_isnan(x) ? 0u : __float2ull_rz(x); }

ENG_FN float eng_f16_to_f32(f16 x)
{
    float y;
    asm("cvt.f32.f16 %0, %1;" : "=f"(y) : "h"(x));
    return y;
}

ENG_FN f16 eng_f32_to_f16(float x)
{
    f16 y;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(y) : "f"(x));
    return y;
}

#define ENG_ALL_WARPS ((LANES + 31) / 32)

// One word for each warp.
typedef union { float f[ENG_ALL_WARPS]; int i[ENG_ALL_WARPS]; } eng_shared;
typedef eng_shared* eng_scratch;
#define ENG_SCRATCH(name) __shared__ eng_shared name##_words; eng_scratch name = &name##_words

struct eng_add { ENG_FN float of(float a, float b) { return a + b; } };
struct eng_larger { ENG_FN float of(float a, float b) { return eng_max(a, b); } };
struct eng_smaller { ENG_FN int of(int a, int b) { return eng_min_i32(a, b); } };

ENG_FN int eng_warp(void) { return eng_lane() >> 5; }
ENG_FN int eng_warp_lane(void) { return eng_lane() & 31; }
ENG_FN int eng_warp_size(void) { return eng_min_i32(32, LANES - eng_warp() * 32); }
ENG_FN uint eng_warp_mask(void) { return 0xFFFFFFFFu >> (32 - eng_warp_size()); }

// Lane 0 of the warp gets the result. The condition is constant unless the last warp is partial.
template <typename Op, typename T> ENG_FN T eng_warp_reduce(T value)
{
#pragma unroll
    for (int step = 16; step > 0; step >>= 1)
    {
        T other = __shfl_down_sync(eng_warp_mask(), value, step);
        if (LANES % 32 == 0 || eng_warp_lane() + step < eng_warp_size()) value = Op::of(value, other);
    }
    return value;
}

// Every lane gets the result. The second barrier lets the caller use the words again.
template <typename Op, typename T> ENG_FN T eng_block_reduce(T* words, T value)
{
    value = eng_warp_reduce<Op>(value);
    if (ENG_ALL_WARPS == 1)
    {
        __syncwarp(eng_warp_mask());
        return __shfl_sync(eng_warp_mask(), value, 0);
    }
    if (eng_warp_lane() == 0) words[eng_warp()] = value;
    eng_barrier();
    value = words[0];
#pragma unroll
    for (int warp = 1; warp < ENG_ALL_WARPS; warp++) value = Op::of(value, words[warp]);
    eng_barrier();
    return value;
}

ENG_FN float eng_block_sum(eng_scratch s, float value) { return eng_block_reduce<eng_add>(s->f, value); }
ENG_FN float eng_block_max(eng_scratch s, float value) { return eng_block_reduce<eng_larger>(s->f, value); }
ENG_FN int eng_block_min(eng_scratch s, int value) { return eng_block_reduce<eng_smaller>(s->i, value); }

// The sums of the warps before, then of the lanes before in the warp; nothing is subtracted, so nothing cancels.
ENG_FN float eng_block_sum_below(eng_scratch s, float value)
{
    int lane = eng_warp_lane();
#pragma unroll
    for (int step = 1; step < 32; step <<= 1)
    {
        float other = __shfl_up_sync(eng_warp_mask(), value, step);
        if (lane >= step) value = other + value;
    }
    float below = __shfl_up_sync(eng_warp_mask(), value, 1);
    if (lane == 0) below = 0.0f;
    if (lane == eng_warp_size() - 1) s->f[eng_warp()] = value;
    eng_barrier();
    float before = 0.0f;
#pragma unroll
    for (int warp = 0; warp < ENG_ALL_WARPS - 1; warp++)
    {
        if (warp < eng_warp()) before += s->f[warp];
    }
    eng_barrier();
    return before + below;
}
