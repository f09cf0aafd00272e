// ScaledGradient

extern "C" __global__ void __launch_bounds__(LANES) ScaledGradient(float* x, float* dLoss, float* scale, float* y, i64 n, int accumulate)
{
    float s = dLoss[0LL] * scale[0LL];
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        y[i] = accumulate ? y[i] + (s * x[i]) : s * x[i];
    }
}
