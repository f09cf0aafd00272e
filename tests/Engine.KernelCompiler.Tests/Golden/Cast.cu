// Cast<Single, Float32Element, Single, Float32Element>

static __device__ __forceinline__ float Float32Element_Load_float(float stored)
{
    return stored;
}

static __device__ __forceinline__ float Float32Element_Store_float(float value)
{
    return value;
}

extern "C" __global__ void __launch_bounds__(LANES) Cast(float* x, float* y, i64 n)
{
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        y[i] = Float32Element_Store_float(Float32Element_Load_float(x[i]));
    }
}
