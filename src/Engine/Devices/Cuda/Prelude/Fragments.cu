// Tensor cores: mma.m16n8k16 twice makes a 16×16×16 product. In the PTX manual's names a lane is 4·g + t; it holds of A the
// rows g and g + 8, of B and C the columns g and g + 8 or 2t and 2t + 1.

#define ENG_WARPS (LANES / 32)

typedef struct { uint r[4]; } FragmentA;
typedef struct { uint r[4]; } FragmentB;
typedef struct { float r[8]; } FragmentC;

#if __CUDA_ARCH__ >= 800
// A place in shared memory as instructions want it.
ENG_FN uint eng_shared_address(const u16* place)
{
    u64 address;
    asm("cvta.to.shared.u64 %0, %1;" : "=l"(address) : "l"(place));
    return (uint)address;
}

// Four 8×8 matrices: lane L says where row L % 8 of matrix L / 8 lies. ACROSS gives each of them transposed.
#define ENG_LDMATRIX(ACROSS, r, place) \
    asm volatile("ldmatrix.sync.aligned.m8n8.x4" ACROSS ".shared.b16 {%0, %1, %2, %3}, [%4];" \
        : "=r"((r)[0]), "=r"((r)[1]), "=r"((r)[2]), "=r"((r)[3]) : "r"(eng_shared_address(place)) : "memory")

// Lanes 0 … 7 and 8 … 15 are one below the other here, lanes 16 and up to the right of them; in the other the other way round.
ENG_FN const u16* eng_fragment_down(const u16* tile, int stride) { return tile + (eng_warp_lane() & 15) * stride + (eng_warp_lane() >> 4) * 8; }
ENG_FN const u16* eng_fragment_right(const u16* tile, int stride)
{
    return tile + ((eng_warp_lane() & 7) + (eng_warp_lane() >> 4) * 8) * stride + (eng_warp_lane() & 8);
}

#define ENG_FRAGMENT_LOAD(KIND, NAME, ACROSS, PLACE) \
    ENG_FN KIND NAME(const u16* tile, int start, int stride) \
    { \
        KIND f; \
        ENG_LDMATRIX(ACROSS, f.r, PLACE(tile + start, stride)); \
        return f; \
    }

ENG_FRAGMENT_LOAD(FragmentA, eng_fragment_load_a, "", eng_fragment_down)
ENG_FRAGMENT_LOAD(FragmentB, eng_fragment_load_b, "", eng_fragment_right)
ENG_FRAGMENT_LOAD(FragmentA, eng_fragment_load_a_across, ".trans", eng_fragment_right)
ENG_FRAGMENT_LOAD(FragmentB, eng_fragment_load_b_across, ".trans", eng_fragment_down)
#else
// The same registers, pair by pair: register r holds the row or column g, or g + 8 if LOW(r), and k = 2t or 2t + 8 if HIGH(r).
#define ENG_FRAGMENT_LOAD(KIND, NAME, LOW, HIGH, ALONG, ACROSS) \
    ENG_FN KIND NAME(const u16* tile, int start, int stride) \
    { \
        KIND f; \
        for (int r = 0; r < 4; r++) \
        { \
            int i = (eng_warp_lane() >> 2) + 8 * (LOW), k = (eng_warp_lane() & 3) * 2 + 8 * (HIGH); \
            const u16* pair = tile + start + i * (ALONG) + k * (ACROSS); \
            f.r[r] = (uint)pair[0] | (uint)pair[ACROSS] << 16; \
        } \
        return f; \
    }

ENG_FRAGMENT_LOAD(FragmentA, eng_fragment_load_a, r & 1, r >> 1, stride, 1)
ENG_FRAGMENT_LOAD(FragmentB, eng_fragment_load_b, r >> 1, r & 1, stride, 1)
ENG_FRAGMENT_LOAD(FragmentA, eng_fragment_load_a_across, r & 1, r >> 1, 1, stride)
ENG_FRAGMENT_LOAD(FragmentB, eng_fragment_load_b_across, r >> 1, r & 1, 1, stride)
#endif

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

#define ENG_FRAGMENT_OWN 8
ENG_FN int eng_fragment_row(int e) { return (eng_warp_lane() >> 2) + 8 * ((e >> 1) & 1); }
ENG_FN int eng_fragment_column(int e) { return (eng_warp_lane() & 3) * 2 + (e & 1) + 8 * (e >> 2); }
ENG_FN float eng_fragment_sum(FragmentC c, int e) { return c.r[e]; }

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

// Copies behind the lane's back; cp.async writes zeros for the bytes it is told not to read.
#if __CUDA_ARCH__ >= 800
ENG_FN void eng_copy_chunk(u16* tile, int at, const u16* from, i64 index, int inside)
{
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;"
        :: "r"(eng_shared_address(tile + at)), "l"(inside ? from + index : from), "r"(inside ? 16 : 0) : "memory");
}

ENG_FN void eng_copy_commit(void) { asm volatile("cp.async.commit_group;" ::: "memory"); }
ENG_FN void eng_copy_wait_but_latest(void) { asm volatile("cp.async.wait_group 1;" ::: "memory"); }
ENG_FN void eng_copy_wait(void) { asm volatile("cp.async.wait_group 0;" ::: "memory"); }
#else
ENG_FN void eng_copy_chunk(u16* tile, int at, const u16* from, i64 index, int inside)
{
    for (int n = 0; n < 8; n++) tile[at + n] = inside ? from[index + n] : (u16)0;
}

ENG_FN void eng_copy_commit(void) { }
ENG_FN void eng_copy_wait_but_latest(void) { }
ENG_FN void eng_copy_wait(void) { }
#endif
