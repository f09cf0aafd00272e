// Map<Identity>

static __device__ __forceinline__ float Identity_Value(float x, float a)
{
    return x;
}

static __device__ __forceinline__ float Identity_Derivative(float x, float y, float a)
{
    return 1.0f;
}

extern "C" __global__ void __launch_bounds__(LANES) Map(float* x, float* y, float a, i64 n)
{
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        y[i] = Identity_Value(x[i], a);
    }
}
