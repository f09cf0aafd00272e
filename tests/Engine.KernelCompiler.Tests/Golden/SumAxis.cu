// SumAxis<Single, Float32Element>

static __device__ __forceinline__ float Float32Element_Load_float(float stored)
{
    return stored;
}

static __device__ __forceinline__ float Float32Element_Store_float(float value)
{
    return value;
}

extern "C" __global__ void __launch_bounds__(LANES) SumAxis(float* x, float* y, i64 n, i64 inner, float scale)
{
    ENG_SCRATCH(s_);
    i64 start = (eng_block() / inner * n * inner) + (eng_block() % inner);
    float s = 0.0f;
    for (i64 i = eng_lane(); i < n; i += LANES)
    {
        s += Float32Element_Load_float(x[start + (i * inner)]);
    }
    s = eng_block_sum(s_, s);
    if (eng_lane() == 0)
    {
        y[eng_block()] = scale * s;
    }
}
