// Tensor cores: mma.m16n8k16 twice makes a 16×16×16 product. In the PTX manual's names a lane is 4·g + t; it holds of A the
// rows g and g + 8, of B and C the columns g and g + 8 or 2t and 2t + 1.

#define ENG_WARPS (LANES / 32)

typedef struct { uint r[4]; } FragmentA;
typedef struct { uint r[4]; } FragmentB;
typedef struct { float r[8]; } FragmentC;

ENG_FN FragmentA eng_fragment_load_a(const u16* tile, int start, int stride)
{
    const u16* row = tile + start + (eng_warp_lane() >> 2) * stride + (eng_warp_lane() & 3) * 2;
    FragmentA a;
    a.r[0] = *(const uint*)row;
    a.r[1] = *(const uint*)(row + 8 * stride);
    a.r[2] = *(const uint*)(row + 8);
    a.r[3] = *(const uint*)(row + 8 * stride + 8);
    return a;
}

ENG_FN FragmentB eng_fragment_load_b(const u16* tile, int start, int stride)
{
    const u16* column = tile + start + (eng_warp_lane() >> 2) * stride + (eng_warp_lane() & 3) * 2;
    FragmentB b;
    b.r[0] = *(const uint*)column;
    b.r[1] = *(const uint*)(column + 8);
    b.r[2] = *(const uint*)(column + 8 * stride);
    b.r[3] = *(const uint*)(column + 8 * stride + 8);
    return b;
}

#if __CUDA_ARCH__ >= 800
#define ENG_MMA(TYPE, c, a, b, h) \
    asm("mma.sync.aligned.m16n8k16.row.col.f32." TYPE "." TYPE ".f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};" \
        : "+f"((c)->r[4 * (h)]), "+f"((c)->r[4 * (h) + 1]), "+f"((c)->r[4 * (h) + 2]), "+f"((c)->r[4 * (h) + 3]) \
        : "r"((a).r[0]), "r"((a).r[1]), "r"((a).r[2]), "r"((a).r[3]), "r"((b).r[2 * (h)]), "r"((b).r[2 * (h) + 1]))

ENG_FN void eng_fragment_multiply_add_bf16(FragmentC* c, FragmentA a, FragmentB b)
{
    ENG_MMA("bf16", c, a, b, 0);
    ENG_MMA("bf16", c, a, b, 1);
}

ENG_FN void eng_fragment_multiply_add_f16(FragmentC* c, FragmentA a, FragmentB b)
{
    ENG_MMA("f16", c, a, b, 0);
    ENG_MMA("f16", c, a, b, 1);
}
#else
// Where there is no such instruction, from the same registers: every lane fetches the rows of A and columns of B that it lacks.
struct eng_from_bf16 { ENG_FN float of(uint x) { return eng_bf16_to_f32((u16)x); } };
struct eng_from_f16 { ENG_FN float of(uint x) { return eng_f16_to_f32((u16)x); } };

template <typename Element> ENG_FN float eng_pair_product(uint a, uint b)
{
    return Element::of(a & 0xFFFFu) * Element::of(b & 0xFFFFu) + Element::of(a >> 16) * Element::of(b >> 16);
}

template <typename Element> ENG_FN void eng_fragment_by_lanes(FragmentC* c, FragmentA a, FragmentB b)
{
    int row = eng_warp_lane() & ~3, column = (eng_warp_lane() & 3) * 8;
#pragma unroll
    for (int k = 0; k < 8; k++)
    {
        int from = k & 3, high = k >> 2;
        uint upper = __shfl_sync(0xFFFFFFFFu, a.r[2 * high], row + from);
        uint lower = __shfl_sync(0xFFFFFFFFu, a.r[2 * high + 1], row + from);
#pragma unroll
        for (int h = 0; h < 2; h++)
        {
            uint even = __shfl_sync(0xFFFFFFFFu, b.r[2 * h + high], column + from);
            uint odd = __shfl_sync(0xFFFFFFFFu, b.r[2 * h + high], column + 4 + from);
            c->r[4 * h] += eng_pair_product<Element>(upper, even);
            c->r[4 * h + 1] += eng_pair_product<Element>(upper, odd);
            c->r[4 * h + 2] += eng_pair_product<Element>(lower, even);
            c->r[4 * h + 3] += eng_pair_product<Element>(lower, odd);
        }
    }
}

ENG_FN void eng_fragment_multiply_add_bf16(FragmentC* c, FragmentA a, FragmentB b) { eng_fragment_by_lanes<eng_from_bf16>(c, a, b); }
ENG_FN void eng_fragment_multiply_add_f16(FragmentC* c, FragmentA a, FragmentB b) { eng_fragment_by_lanes<eng_from_f16>(c, a, b); }
#endif

ENG_FN void eng_fragment_store(FragmentC c, float* tile, int start, int stride)
{
    float* row = tile + start + (eng_warp_lane() >> 2) * stride + (eng_warp_lane() & 3) * 2;
#pragma unroll
    for (int half = 0; half < 2; half++)
    {
        row[8 * half] = c.r[4 * half];
        row[8 * half + 1] = c.r[4 * half + 1];
        row[8 * stride + 8 * half] = c.r[4 * half + 2];
        row[8 * stride + 8 * half + 1] = c.r[4 * half + 3];
    }
}
