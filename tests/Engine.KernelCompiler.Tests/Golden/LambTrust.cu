// LambTrust

static __device__ __forceinline__ float Partials_Sum(float* x, i64 n, eng_scratch s_)
{
    float total = 0.0f;
    for (i64 start = eng_lane(); start < n; start += 256LL * LANES)
    {
        i64 end = start + (256LL * LANES);
        float s = 0.0f;
        for (i64 i = start; i < end && i < n; i += LANES)
        {
            s += x[i];
        }
        total += s;
    }
    return eng_block_sum(s_, total);
}

extern "C" __global__ void __launch_bounds__(LANES) LambTrust(float* squaresP, float* squaresU, float* trust, i64 n)
{
    ENG_SCRATCH(s_);
    float sp = Partials_Sum(squaresP, n, s_);
    float su = Partials_Sum(squaresU, n, s_);
    if (eng_lane() == 0)
    {
        trust[0LL] = sp > 0.0f && su > 0.0f ? sqrtf(sp) / sqrtf(su) : 1.0f;
    }
}
