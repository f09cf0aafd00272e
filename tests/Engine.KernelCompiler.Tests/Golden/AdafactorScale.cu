// AdafactorScale

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

extern "C" __global__ void __launch_bounds__(LANES) AdafactorScale(float* squaresP, float* squaresW, float* r, float* scale, float eps2, float threshold, i64 parts, i64 count, i64 N)
{
    ENG_SCRATCH(s_);
    float sp = Partials_Sum(squaresP, parts, s_);
    float sw = Partials_Sum(squaresW, parts, s_);
    float root = sqrtf(Partials_Sum(r, N, s_) / N);
    if (eng_lane() == 0)
    {
        float size = eng_max(eps2, sqrtf(sp / count));
        float length_ = eng_max(1.0f, sqrtf(sw / count) * root / threshold);
        scale[0LL] = size / length_ * root;
    }
}
