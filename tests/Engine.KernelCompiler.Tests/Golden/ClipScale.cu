// ClipScale

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

extern "C" __global__ void __launch_bounds__(LANES) ClipScale(float* partial, float* norm, float* scale, float maxNorm, float gradScale, i64 n)
{
    ENG_SCRATCH(s_);
    float length_ = gradScale * sqrtf(Partials_Sum(partial, n, s_));
    if (eng_lane() == 0)
    {
        norm[0LL] = length_;
        scale[0LL] = eng_min(1.0f, maxNorm / (length_ + 1e-06f));
    }
}
