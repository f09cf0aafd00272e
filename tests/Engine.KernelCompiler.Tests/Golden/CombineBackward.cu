// CombineBackward<Sum, Single, Float32Element>

static __device__ __forceinline__ float Sum_Value(float a, float b)
{
    return a + b;
}

static __device__ __forceinline__ float Sum_DerivativeA(float a, float b)
{
    return 1.0f;
}

static __device__ __forceinline__ float Sum_DerivativeB(float a, float b)
{
    return 1.0f;
}

static __device__ __forceinline__ float Float32Element_Load_float(float stored)
{
    return stored;
}

static __device__ __forceinline__ float Float32Element_Store_float(float value)
{
    return value;
}

extern "C" __global__ void __launch_bounds__(LANES) CombineBackward(float* u, float* v, float* dY, float* dU, float* dV, Layout lu, Layout lv, i64 n)
{
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        float ui = Float32Element_Load_float(u[eng_layout_at(lu, i)]);
        float vi = Float32Element_Load_float(v[eng_layout_at(lv, i)]);
        if (dU != 0)
        {
            dU[i] = Float32Element_Store_float(Float32Element_Load_float(dY[i]) * Sum_DerivativeA(ui, vi));
        }
        if (dV != 0)
        {
            dV[i] = Float32Element_Store_float(Float32Element_Load_float(dY[i]) * Sum_DerivativeB(ui, vi));
        }
    }
}
