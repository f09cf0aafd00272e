// ColumnSum<Single, Float32Element>

static __device__ __forceinline__ float Float32Element_Load_float(float stored)
{
    return stored;
}

static __device__ __forceinline__ float Float32Element_Store_float(float value)
{
    return value;
}

extern "C" __global__ void __launch_bounds__(LANES) ColumnSum(float* x, float* y, i64 rows, i64 columns, i64 chunk, int accumulate)
{
    i64 groups = (columns + 64LL - 1LL) / 64LL;
    i64 r = eng_block() / groups;
    i64 left = eng_block() % groups * 64LL;
    i64 right = left + 64LL < columns ? left + 64LL : columns;
    i64 end = (r + 1LL) * chunk < rows ? (r + 1LL) * chunk : rows;
    for (i64 j = left + eng_lane(); j < right; j += LANES)
    {
        float s = accumulate ? y[(r * columns) + j] : 0.0f;
        for (i64 i = r * chunk; i < end; i++)
        {
            s += Float32Element_Load_float(x[(i * columns) + j]);
        }
        y[(r * columns) + j] = s;
    }
}
