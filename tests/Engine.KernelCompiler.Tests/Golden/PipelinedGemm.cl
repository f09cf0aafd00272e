// PipelinedGemm<Identity, BFloat16, BFloat16Element, Single, Float32Element>

static inline __attribute__((always_inline)) float Identity_Value(float x, float a)
{
    return x;
}

static inline __attribute__((always_inline)) float Identity_Derivative(float x, float y, float a)
{
    return 1.0f;
}

static inline __attribute__((always_inline)) void BFloat16Element_MultiplyAdd_bf16(FragmentC* c, FragmentA a, FragmentB b)
{
    eng_fragment_multiply_add_bf16(c, a, b);
}

static inline __attribute__((always_inline)) float BFloat16Element_Load_bf16(bf16 stored)
{
    return eng_bf16_to_f32(stored);
}

static inline __attribute__((always_inline)) bf16 BFloat16Element_Store_bf16(float value)
{
    return eng_f32_to_bf16(value);
}

static inline __attribute__((always_inline)) float Float32Element_Load_float(float stored)
{
    return stored;
}

static inline __attribute__((always_inline)) float Float32Element_Store_float(float value)
{
    return value;
}

typedef struct
{
    i64 Row;
    i64 Column;
    i64 Outer;
    i64 Inner;
} MatrixLayout;

typedef struct
{
    i64 M;
    i64 N;
    i64 K;
    i64 Outer;
    i64 Inner;
} GemmSize;

typedef struct
{
    i64 Item;
    i64 Top;
    i64 Left;
} GemmTile;

static inline __attribute__((always_inline)) GemmTile GemmTile_new(i64 Item, i64 Top, i64 Left)
{
    GemmTile self;
    self.Item = Item;
    self.Top = Top;
    self.Left = Left;
    return self;
}

static inline __attribute__((always_inline)) GemmTile GemmSize_WideTileOf(GemmSize self, i64 block)
{
    i64 rows = (self.M + 128L - 1L) / 128L;
    i64 columns = (self.N + 128L - 1L) / 128L;
    i64 place = block % (rows * columns);
    i64 first = place / (8L * columns) * 8L;
    i64 height = rows - first < 8L ? rows - first : 8L;
    i64 within = place - (first * columns);
    return GemmTile_new(block / (rows * columns), (first + (within % height)) * 128L, within / height * 128L);
}

static inline __attribute__((always_inline)) i64 MatrixLayout_Matrix(MatrixLayout self, i64 item, i64 inner)
{
    return (item / inner * self.Outer) + (item % inner * self.Inner);
}

static inline __attribute__((always_inline)) i64 MatrixLayout_At(MatrixLayout self, i64 i, i64 j)
{
    return (i * self.Row) + (j * self.Column);
}

static inline __attribute__((always_inline)) void PipelinedGemm_Bring_shared(__global bf16* x, MatrixLayout layout, bool along, i64 first, i64 rows, i64 k0, __local bf16* slices, int stage, GemmSize size)
{
    for (int n = 0; n < 512; n += LANES)
    {
        int chunk = n + eng_lane();
        int row = along ? chunk / 4 : chunk % 16 * 8;
        int k = along ? chunk % 4 * 8 : chunk / 16;
        if (chunk < 512)
        {
            eng_copy_chunk(slices, stage + (along ? (row * 40) + k : (k * 136) + row), x, MatrixLayout_At(layout, first + row, k0 + k), first + row < rows && k0 + k < size.K);
        }
    }
}

static inline __attribute__((always_inline)) MatrixLayout MatrixLayout_new(i64 Row, i64 Column, i64 Outer, i64 Inner)
{
    MatrixLayout self;
    self.Row = Row;
    self.Column = Column;
    self.Outer = Outer;
    self.Inner = Inner;
    return self;
}

static inline __attribute__((always_inline)) MatrixLayout MatrixLayout_Transposed(MatrixLayout self)
{
    return MatrixLayout_new(self.Column, self.Row, self.Outer, self.Inner);
}

static inline __attribute__((always_inline)) FragmentB PipelinedGemm_LoadB_shared(__local bf16* slices, int stage, int k, int column)
{
    return SPEC_alongB ? eng_fragment_load_b(slices, stage + (column * 40) + k, 40) : eng_fragment_load_b_across(slices, stage + (k * 136) + column, 136);
}

static inline __attribute__((always_inline)) FragmentA PipelinedGemm_LoadA_shared(__local bf16* slices, int stage, int k, int row)
{
    return SPEC_alongA ? eng_fragment_load_a(slices, stage + (row * 40) + k, 40) : eng_fragment_load_a_across(slices, stage + (k * 136) + row, 136);
}

static inline __attribute__((always_inline)) void PipelinedGemm_Multiply_shared_shared(__local bf16* slicesA, __local bf16* slicesB, FragmentC* sums, int stage, int top, int left)
{
    #pragma unroll
    for (int k = 0; k < 32; k += 16)
    {
        FragmentB near = PipelinedGemm_LoadB_shared(slicesB, stage, k, left);
        FragmentB far = PipelinedGemm_LoadB_shared(slicesB, stage, k, left + 16);
        #pragma unroll
        for (int i = 0; i < 4; i++)
        {
            FragmentA row = PipelinedGemm_LoadA_shared(slicesA, stage, k, top + (i * 16));
            BFloat16Element_MultiplyAdd_bf16(&sums[2 * i], row, near);
            BFloat16Element_MultiplyAdd_bf16(&sums[(2 * i) + 1], row, far);
        }
    }
}

static inline __attribute__((always_inline)) void PipelinedGemm_Finish(FragmentC* sums, i64 c0, i64 top, i64 left, GemmSize size, MatrixLayout lc, bool accumulate, __global float* C, __global float* bias, __global float* pre)
{
    #pragma unroll
    for (int f = 0; f < 8; f++)
    {
        for (int e = 0; e < ENG_FRAGMENT_OWN; e++)
        {
            i64 i = top + (f / 2 * 16) + eng_fragment_row(e);
            i64 j = left + (f % 2 * 16) + eng_fragment_column(e);
            if (i < size.M && j < size.N)
            {
                i64 at = c0 + MatrixLayout_At(lc, i, j);
                float s = eng_fragment_sum(sums[f], e);
                s = accumulate ? Float32Element_Load_float(C[at]) + s : s;
                s = bias != 0 ? s + bias[j] : s;
                if (pre != 0)
                {
                    pre[at] = Float32Element_Store_float(s);
                }
                C[at] = Float32Element_Store_float(Identity_Value(s, 0.0f));
            }
        }
    }
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void PipelinedGemm(__global bf16* A_base, i64 A_offset, __global bf16* B_base, i64 B_offset, __global float* C_base, i64 C_offset, __global float* bias_base, i64 bias_offset, __global float* pre_base, i64 pre_offset, MatrixLayout la, MatrixLayout lb, MatrixLayout lc, GemmSize size, int accumulate)
{
    __global bf16* A = (__global bf16*)((__global u8*)A_base + A_offset);
    __global bf16* B = (__global bf16*)((__global u8*)B_base + B_offset);
    __global float* C = (__global float*)((__global u8*)C_base + C_offset);
    __global float* bias = (__global float*)((__global u8*)bias_base + bias_offset);
    __global float* pre = (__global float*)((__global u8*)pre_base + pre_offset);
    __local bf16 slicesA[10240] __attribute__((aligned(16)));
    __local bf16 slicesB[10240] __attribute__((aligned(16)));
    FragmentC sums[(8 + LANES - 1) / LANES * 8] = {0};
    int mine = (8 + LANES - 1) / LANES;
    GemmTile tile = GemmSize_WideTileOf(size, eng_block());
    __global bf16* a = A + MatrixLayout_Matrix(la, tile.Item, size.Inner);
    __global bf16* bt = B + MatrixLayout_Matrix(lb, tile.Item, size.Inner);
    PipelinedGemm_Bring_shared(a, la, SPEC_alongA, tile.Top, size.M, 0L, slicesA, 0, size);
    PipelinedGemm_Bring_shared(bt, MatrixLayout_Transposed(lb), SPEC_alongB, tile.Left, size.N, 0L, slicesB, 0, size);
    eng_copy_commit();
    int stage = 0;
    for (i64 k = 0L; k < size.K; k += 32L)
    {
        PipelinedGemm_Bring_shared(a, la, SPEC_alongA, tile.Top, size.M, k + 32L, slicesA, 5120 - stage, size);
        PipelinedGemm_Bring_shared(bt, MatrixLayout_Transposed(lb), SPEC_alongB, tile.Left, size.N, k + 32L, slicesB, 5120 - stage, size);
        eng_copy_commit();
        eng_copy_wait_but_latest();
        eng_barrier();
        #pragma unroll
        for (int n = 0; n < mine; n++)
        {
            int part = (n * LANES) + eng_lane();
            if (part < 8)
            {
                PipelinedGemm_Multiply_shared_shared(slicesA, slicesB, sums + (n * 8), stage, part / 4 * 64, part % 4 * 32);
            }
        }
        eng_barrier();
        stage = 5120 - stage;
    }
    eng_copy_wait();
    i64 c0 = MatrixLayout_Matrix(lc, tile.Item, size.Inner);
    #pragma unroll
    for (int n = 0; n < mine; n++)
    {
        int part = (n * LANES) + eng_lane();
        if (part < 8)
        {
            PipelinedGemm_Finish(sums + (n * 8), c0, tile.Top + (part / 4 * 64), tile.Left + (part % 4 * 32), size, lc, accumulate, C, bias, pre);
        }
    }
}
