// ScaledGradient<Single, Float32Element>

static __device__ __forceinline__ float Float32Element_Load_float(float stored)
{
    return stored;
}

static __device__ __forceinline__ float Float32Element_Store_float(float value)
{
    return value;
}

extern "C" __global__ void __launch_bounds__(LANES) ScaledGradient(float* x, float* dLoss, float* scale, float* y, i64 n, int accumulate)
{
    float s = dLoss[0LL] * scale[0LL];
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        float v = s * Float32Element_Load_float(x[i]);
        y[i] = Float32Element_Store_float(accumulate ? Float32Element_Load_float(y[i]) + v : v);
    }
}
