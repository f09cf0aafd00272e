// Accumulate<Single, Float32Element, Single, Float32Element>

static __device__ __forceinline__ float Float32Element_Load_float(float stored)
{
    return stored;
}

static __device__ __forceinline__ float Float32Element_Store_float(float value)
{
    return value;
}

extern "C" __global__ void __launch_bounds__(LANES) Accumulate(float* x, float* y, Layout from, Layout to, i64 n)
{
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        i64 at = eng_layout_at(to, i);
        y[at] = Float32Element_Store_float(Float32Element_Load_float(y[at]) + Float32Element_Load_float(x[eng_layout_at(from, i)]));
    }
}
