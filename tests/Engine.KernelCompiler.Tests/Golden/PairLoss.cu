// PairLoss<MseLoss>

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

static __device__ __forceinline__ void Result_Write(float* y, float value, bool accumulate)
{
    if (eng_lane() == 0 && y != 0)
    {
        y[eng_block()] = accumulate ? y[eng_block()] + value : value;
    }
}

extern "C" __global__ void __launch_bounds__(LANES) PairLoss(float* u, float* v, float* classes, float* each, float* partial, float p, i64 C, i64 n)
{
    ENG_SCRATCH(s_);
    float sum = 0.0f;
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        float value = MseLoss_Value(u[i], v[i], classes != 0 ? classes[i % C] : p);
        sum += value;
        if (each != 0)
        {
            each[i] = value;
        }
    }
    Result_Write(partial, eng_block_sum(s_, sum), false);
}
