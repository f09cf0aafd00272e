// AdafactorRows

static __device__ __forceinline__ float GradientFactor_Of(float* clip, float gradScale)
{
    return clip != 0 ? gradScale * clip[0LL] : gradScale;
}

extern "C" __global__ void __launch_bounds__(LANES) AdafactorRows(float* g, float* r, float* clip, float gradScale, float eps, float oneMinusBeta, i64 M)
{
    ENG_SCRATCH(s_);
    float factor = GradientFactor_Of(clip, gradScale);
    i64 first = eng_block() * M;
    float s = 0.0f;
    for (i64 j = eng_lane(); j < M; j += LANES)
    {
        float d = factor * g[first + j];
        s += d * d;
    }
    s = eng_block_sum(s_, s);
    if (eng_lane() == 0)
    {
        r[eng_block()] += oneMinusBeta * ((s / M) + eps - r[eng_block()]);
    }
}
