// Gemm<Identity>

static inline __attribute__((always_inline)) float Identity_Value(float x, float a)
{
    return x;
}

static inline __attribute__((always_inline)) float Identity_Derivative(float x, float y, float a)
{
    return 1.0f;
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

static inline __attribute__((always_inline)) i64 GemmSize_TileRows(GemmSize self)
{
    return (self.M + 64L - 1L) / 64L;
}

static inline __attribute__((always_inline)) i64 GemmSize_TileColumns(GemmSize self)
{
    return (self.N + 64L - 1L) / 64L;
}

static inline __attribute__((always_inline)) GemmTile GemmTile_new(i64 Item, i64 Top, i64 Left)
{
    GemmTile self;
    self.Item = Item;
    self.Top = Top;
    self.Left = Left;
    return self;
}

static inline __attribute__((always_inline)) GemmTile GemmSize_TileOf(GemmSize self, i64 block)
{
    i64 tile = block % (GemmSize_TileRows(self) * GemmSize_TileColumns(self));
    return GemmTile_new(block / (GemmSize_TileRows(self) * GemmSize_TileColumns(self)), tile / GemmSize_TileColumns(self) * 64L, tile % GemmSize_TileColumns(self) * 64L);
}

static inline __attribute__((always_inline)) i64 MatrixLayout_Matrix(MatrixLayout self, i64 item, i64 inner)
{
    return (item / inner * self.Outer) + (item % inner * self.Inner);
}

static inline __attribute__((always_inline)) i64 MatrixLayout_At(MatrixLayout self, i64 i, i64 j)
{
    return (i * self.Row) + (j * self.Column);
}

static inline __attribute__((always_inline)) void Gemm_Start(__global float* c, float* sums, int mine, i64 top, i64 left, GemmSize size, MatrixLayout lc)
{
    #pragma unroll
    for (int n = 0; n < mine; n++)
    {
        int patch = (n * LANES) + eng_lane();
        #pragma unroll
        for (int e = 0; e < 16; e++)
        {
            i64 i = top + (patch / 16 * 4) + (e / 4);
            i64 j = left + (patch % 16 * 4) + (e % 4);
            if (patch < 256 && i < size.M && j < size.N)
            {
                sums[(n * 4 * 4) + e] = c[MatrixLayout_At(lc, i, j)];
            }
        }
    }
}

static inline __attribute__((always_inline)) void Gemm_Bring_shared(__global float* x, MatrixLayout layout, i64 first, i64 rows, i64 k0, __local float* slice, GemmSize size)
{
    for (int e = eng_lane(); e < 1024; e += LANES)
    {
        int i = layout.Column == 1L ? e / 16 : e % 64;
        int k = layout.Column == 1L ? e % 16 : e / 64;
        bool inside = first + i < rows && k0 + k < size.K;
        slice[(k * 64) + i] = inside ? x[MatrixLayout_At(layout, first + i, k0 + k)] : 0.0f;
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

static inline __attribute__((always_inline)) void Gemm_Multiply_shared_shared(__local float* sliceA, __local float* sliceB, float* sums, int row, int column)
{
    float x[4] = {0};
    float y[4] = {0};
    #pragma unroll
    for (int k = 0; k < 16; k++)
    {
        #pragma unroll
        for (int i = 0; i < 4; i++)
        {
            x[i] = sliceA[(k * 64) + row + i];
            y[i] = sliceB[(k * 64) + column + i];
        }
        #pragma unroll
        for (int i = 0; i < 4; i++)
        {
            #pragma unroll
            for (int j = 0; j < 4; j++)
            {
                sums[(i * 4) + j] += x[i] * y[j];
            }
        }
    }
}

static inline __attribute__((always_inline)) void Gemm_Finish(__global float* c, i64 c0, float* sums, int mine, i64 top, i64 left, GemmSize size, __global float* bias, __global float* pre, MatrixLayout lc)
{
    #pragma unroll
    for (int n = 0; n < mine; n++)
    {
        int patch = (n * LANES) + eng_lane();
        #pragma unroll
        for (int e = 0; e < 16; e++)
        {
            i64 i = top + (patch / 16 * 4) + (e / 4);
            i64 j = left + (patch % 16 * 4) + (e % 4);
            if (patch < 256 && i < size.M && j < size.N)
            {
                float s = sums[(n * 4 * 4) + e];
                s = bias != 0 ? s + bias[j] : s;
                if (pre != 0)
                {
                    pre[c0 + MatrixLayout_At(lc, i, j)] = s;
                }
                c[MatrixLayout_At(lc, i, j)] = Identity_Value(s, 0.0f);
            }
        }
    }
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void Gemm(__global float* A_base, i64 A_offset, __global float* B_base, i64 B_offset, __global float* C_base, i64 C_offset, __global float* bias_base, i64 bias_offset, __global float* pre_base, i64 pre_offset, MatrixLayout la, MatrixLayout lb, MatrixLayout lc, GemmSize size, int accumulate)
{
    __global float* A = (__global float*)((__global u8*)A_base + A_offset);
    __global float* B = (__global float*)((__global u8*)B_base + B_offset);
    __global float* C = (__global float*)((__global u8*)C_base + C_offset);
    __global float* bias = (__global float*)((__global u8*)bias_base + bias_offset);
    __global float* pre = (__global float*)((__global u8*)pre_base + pre_offset);
    __local float sliceA[1024] __attribute__((aligned(16)));
    __local float sliceB[1024] __attribute__((aligned(16)));
    float sums[(256 + LANES - 1) / LANES * 4 * 4] = {0};
    int mine = (256 + LANES - 1) / LANES;
    GemmTile tile = GemmSize_TileOf(size, eng_block());
    __global float* a = A + MatrixLayout_Matrix(la, tile.Item, size.Inner);
    __global float* bt = B + MatrixLayout_Matrix(lb, tile.Item, size.Inner);
    __global float* c = C + MatrixLayout_Matrix(lc, tile.Item, size.Inner);
    if (accumulate)
    {
        Gemm_Start(c, sums, mine, tile.Top, tile.Left, size, lc);
    }
    for (i64 k = 0L; k < size.K; k += 16L)
    {
        Gemm_Bring_shared(a, la, tile.Top, size.M, k, sliceA, size);
        Gemm_Bring_shared(bt, MatrixLayout_Transposed(lb), tile.Left, size.N, k, sliceB, size);
        eng_barrier();
        #pragma unroll
        for (int n = 0; n < mine; n++)
        {
            int patch = (n * LANES) + eng_lane();
            if (patch < 256)
            {
                Gemm_Multiply_shared_shared(sliceA, sliceB, sums + (n * 4 * 4), patch / 16 * 4, patch % 16 * 4);
            }
        }
        eng_barrier();
    }
    Gemm_Finish(c, MatrixLayout_Matrix(lc, tile.Item, size.Inner), sums, mine, tile.Top, tile.Left, size, bias, pre, lc);
}
