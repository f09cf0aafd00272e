// Compare<Single, Greater>

static __device__ __forceinline__ bool Greater_Holds_float(float a, float b)
{
    return a > b;
}

static __device__ __forceinline__ bool Greater_Holds_int(int a, int b)
{
    return a > b;
}

extern "C" __global__ void __launch_bounds__(LANES) Compare(float* u, float* v, int* y, Layout lu, Layout lv, i64 n)
{
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        y[i] = Greater_Holds_float(u[eng_layout_at(lu, i)], v[eng_layout_at(lv, i)]) ? 1 : 0;
    }
}
