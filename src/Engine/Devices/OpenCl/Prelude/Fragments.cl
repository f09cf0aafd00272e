// OpenCL C has no tensor cores: a warp is one lane, which holds whole tiles. B's numbers lie column by column.

typedef struct { u16 r[256]; } FragmentA;
typedef struct { u16 r[256]; } FragmentB;
typedef struct { float r[256]; } FragmentC;

#define ENG_FRAGMENT_LOAD(KIND, NAME, ROW, COLUMN) \
    ENG_FN KIND NAME(const __local u16* tile, int start, int stride) \
    { \
        KIND f; \
        for (int e = 0; e < 256; e++) f.r[e] = tile[start + (ROW) * stride + (COLUMN)]; \
        return f; \
    }

ENG_FRAGMENT_LOAD(FragmentA, eng_fragment_load_a, e / 16, e % 16)
ENG_FRAGMENT_LOAD(FragmentB, eng_fragment_load_b, e / 16, e % 16)
ENG_FRAGMENT_LOAD(FragmentA, eng_fragment_load_a_across, e % 16, e / 16)
ENG_FRAGMENT_LOAD(FragmentB, eng_fragment_load_b_across, e % 16, e / 16)

#define ENG_FRAGMENT_OWN 256
ENG_FN int eng_fragment_row(int e) { return e / 16; }
ENG_FN int eng_fragment_column(int e) { return e % 16; }
ENG_FN float eng_fragment_sum(FragmentC c, int e) { return c.r[e]; }

#define ENG_FRAGMENT_MULTIPLY_ADD(NAME, WIDEN) \
    ENG_FN void NAME(FragmentC* c, FragmentA a, FragmentB b) \
    { \
        for (int e = 0; e < 256; e++) \
        { \
            float s = c->r[e]; \
            for (int k = 0; k < 16; k++) s += WIDEN(a.r[e / 16 * 16 + k]) * WIDEN(b.r[e % 16 * 16 + k]); \
            c->r[e] = s; \
        } \
    }

ENG_FRAGMENT_MULTIPLY_ADD(eng_fragment_multiply_add_bf16, eng_bf16_to_f32)
ENG_FRAGMENT_MULTIPLY_ADD(eng_fragment_multiply_add_f16, eng_f16_to_f32)

ENG_FN void eng_fragment_store(FragmentC c, __local float* tile, int start, int stride)
{
    for (int e = 0; e < 256; e++) tile[start + e / 16 * stride + e % 16] = c.r[e];
}

// Nothing is copied behind a lane's back: a copy is done when it is started.
ENG_FN void eng_copy_chunk(__local u16* tile, int at, const __global u16* from, i64 index, int inside)
{
    for (int n = 0; n < 8; n++) tile[at + n] = inside ? from[index + n] : (u16)0;
}

ENG_FN void eng_copy_commit(void) { }
ENG_FN void eng_copy_wait_but_latest(void) { }
ENG_FN void eng_copy_wait(void) { }
