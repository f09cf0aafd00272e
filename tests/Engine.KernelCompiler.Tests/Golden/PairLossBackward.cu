// PairLossBackward<MseLoss>

static __device__ __forceinline__ float MseLoss_Value(float a, float b, float p)
{
    return (a - b) * (a - b);
}

static __device__ __forceinline__ float MseLoss_DerivativeA(float a, float b, float p)
{
    return 2.0f * (a - b);
}

static __device__ __forceinline__ float MseLoss_DerivativeB(float a, float b, float p)
{
    return 2.0f * (b - a);
}

extern "C" __global__ void __launch_bounds__(LANES) PairLossBackward(float* u, float* v, float* classes, float* dY, float* dU, float* dV, float p, float scale, i64 C, i64 n, int perElement)
{
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        float g = scale * dY[perElement ? i : 0LL];
        float pi = classes != 0 ? classes[i % C] : p;
        if (dU != 0)
        {
            dU[i] = g * MseLoss_DerivativeA(u[i], v[i], pi);
        }
        if (dV != 0)
        {
            dV[i] = g * MseLoss_DerivativeB(u[i], v[i], pi);
        }
    }
}
