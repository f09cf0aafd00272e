// TensorGemm<Identity, BFloat16, BFloat16Element, Single, Float32Element>

static __device__ __forceinline__ float Identity_Value(float x, float a)
{
    return x;
}

static __device__ __forceinline__ float Identity_Derivative(float x, float y, float a)
{
    return 1.0f;
}

static __device__ __forceinline__ void BFloat16Element_MultiplyAdd_bf16(FragmentC* c, FragmentA a, FragmentB b)
{
    eng_fragment_multiply_add_bf16(c, a, b);
}

static __device__ __forceinline__ float BFloat16Element_Load_bf16(bf16 stored)
{
    return eng_bf16_to_f32(stored);
}

static __device__ __forceinline__ bf16 BFloat16Element_Store_bf16(float value)
{
    return eng_f32_to_bf16(value);
}

static __device__ __forceinline__ float Float32Element_Load_float(float stored)
{
    return stored;
}

static __device__ __forceinline__ float Float32Element_Store_float(float value)
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

static __device__ __forceinline__ i64 GemmSize_TileRows(GemmSize self)
{
    return (self.M + 64LL - 1LL) / 64LL;
}

static __device__ __forceinline__ i64 GemmSize_TileColumns(GemmSize self)
{
    return (self.N + 64LL - 1LL) / 64LL;
}

static __device__ __forceinline__ GemmTile GemmTile_new(i64 Item, i64 Top, i64 Left)
{
    GemmTile self;
    self.Item = Item;
    self.Top = Top;
    self.Left = Left;
    return self;
}

static __device__ __forceinline__ GemmTile GemmSize_TileOf(GemmSize self, i64 block)
{
    i64 tile = block % (GemmSize_TileRows(self) * GemmSize_TileColumns(self));
    return GemmTile_new(block / (GemmSize_TileRows(self) * GemmSize_TileColumns(self)), tile / GemmSize_TileColumns(self) * 64LL, tile % GemmSize_TileColumns(self) * 64LL);
}

static __device__ __forceinline__ i64 MatrixLayout_Matrix(MatrixLayout self, i64 item, i64 inner)
{
    return (item / inner * self.Outer) + (item % inner * self.Inner);
}

static __device__ __forceinline__ i64 MatrixLayout_At(MatrixLayout self, i64 i, i64 j)
{
    return (i * self.Row) + (j * self.Column);
}

static __device__ __forceinline__ void TensorGemm_Bring_shared(bf16* x, MatrixLayout layout, i64 first, i64 rows, i64 k0, bf16* slice, GemmSize size)
{
    for (int e = eng_lane(); e < 2048; e += LANES)
    {
        int i = layout.Column == 1LL ? e / 32 : e % 64;
        int k = layout.Column == 1LL ? e % 32 : e / 64;
        bool inside = first + i < rows && k0 + k < size.K;
        slice[(i * 40) + k] = inside ? x[MatrixLayout_At(layout, first + i, k0 + k)] : BFloat16Element_Store_bf16(0.0f);
    }
}

static __device__ __forceinline__ MatrixLayout MatrixLayout_new(i64 Row, i64 Column, i64 Outer, i64 Inner)
{
    MatrixLayout self;
    self.Row = Row;
    self.Column = Column;
    self.Outer = Outer;
    self.Inner = Inner;
    return self;
}

static __device__ __forceinline__ MatrixLayout MatrixLayout_Transposed(MatrixLayout self)
{
    return MatrixLayout_new(self.Column, self.Row, self.Outer, self.Inner);
}

static __device__ __forceinline__ void TensorGemm_Multiply_shared_shared(bf16* sliceA, bf16* sliceB, FragmentC* sums, int startA, int startB)
{
    #pragma unroll
    for (int k = 0; k < 32; k += 16)
    {
        FragmentA upper = eng_fragment_load_a(sliceA, startA + k, 40);
        FragmentA lower = eng_fragment_load_a(sliceA, startA + 640 + k, 40);
        FragmentB near = eng_fragment_load_b(sliceB, startB + k, 40);
        FragmentB far = eng_fragment_load_b(sliceB, startB + 640 + k, 40);
        BFloat16Element_MultiplyAdd_bf16(&sums[0], upper, near);
        BFloat16Element_MultiplyAdd_bf16(&sums[1], upper, far);
        BFloat16Element_MultiplyAdd_bf16(&sums[2], lower, near);
        BFloat16Element_MultiplyAdd_bf16(&sums[3], lower, far);
    }
}

static __device__ __forceinline__ void TensorGemm_Finish_shared(float* result, i64 c0, i64 top, i64 left, GemmSize size, MatrixLayout lc, bool accumulate, float* C, float* bias, float* pre)
{
    for (int e = eng_lane(); e < 4096; e += LANES)
    {
        i64 i = top + (e / 64);
        i64 j = left + (e % 64);
        if (i < size.M && j < size.N)
        {
            i64 at = c0 + MatrixLayout_At(lc, i, j);
            float s = result[e];
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

extern "C" __global__ void __launch_bounds__(LANES) TensorGemm(bf16* A, bf16* B, float* C, float* bias, float* pre, MatrixLayout la, MatrixLayout lb, MatrixLayout lc, GemmSize size, int accumulate)
{
    __shared__ __align__(16) bf16 sliceA[2560];
    __shared__ __align__(16) bf16 sliceB[2560];
    __shared__ __align__(16) float result[4096];
    FragmentC sums[(4 + ENG_WARPS - 1) / ENG_WARPS * 4] = {0};
    int mine = (4 + ENG_WARPS - 1) / ENG_WARPS;
    GemmTile tile = GemmSize_TileOf(size, eng_block());
    bf16* a = A + MatrixLayout_Matrix(la, tile.Item, size.Inner);
    bf16* bt = B + MatrixLayout_Matrix(lb, tile.Item, size.Inner);
    for (i64 k = 0LL; k < size.K; k += 32LL)
    {
        TensorGemm_Bring_shared(a, la, tile.Top, size.M, k, sliceA, size);
        TensorGemm_Bring_shared(bt, MatrixLayout_Transposed(lb), tile.Left, size.N, k, sliceB, size);
        eng_barrier();
        #pragma unroll
        for (int n = 0; n < mine; n++)
        {
            int quarter = (n * ENG_WARPS) + eng_warp();
            if (quarter < 4)
            {
                TensorGemm_Multiply_shared_shared(sliceA, sliceB, sums + (n * 4), quarter / 2 * 32 * 40, quarter % 2 * 32 * 40);
            }
        }
        eng_barrier();
    }
    #pragma unroll
    for (int n = 0; n < mine; n++)
    {
        int quarter = (n * ENG_WARPS) + eng_warp();
        #pragma unroll
        for (int f = 0; f < 4; f++)
        {
            int row = (quarter / 2 * 32) + (f / 2 * 16);
            int column = (quarter % 2 * 32) + (f % 2 * 16);
            if (quarter < 4)
            {
                eng_fragment_store(sums[(n * 4) + f], result, (row * 64) + column, 64);
            }
        }
    }
    eng_barrier();
    TensorGemm_Finish_shared(result, MatrixLayout_Matrix(lc, tile.Item, size.Inner), tile.Top, tile.Left, size, lc, accumulate, C, bias, pre);
}
