// AdafactorNorms

static __device__ __forceinline__ float GradientFactor_Of(float* clip, float gradScale)
{
    return clip != 0 ? gradScale * clip[0LL] : gradScale;
}

static __device__ __forceinline__ float AdafactorDirection_Of(float d, float r, float c)
{
    return d * rsqrtf(r) * rsqrtf(c);
}

extern "C" __global__ void __launch_bounds__(LANES) AdafactorNorms(float* p, float* g, float* r, float* c, float* squaresP, float* squaresW, float* clip, float gradScale, i64 n, i64 M)
{
    ENG_SCRATCH(s_);
    float factor = GradientFactor_Of(clip, gradScale);
    float sp = 0.0f;
    float sw = 0.0f;
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        float w = AdafactorDirection_Of(factor * g[i], r[i / M], c[i % M]);
        sp += p[i] * p[i];
        sw += w * w;
    }
    sp = eng_block_sum(s_, sp);
    sw = eng_block_sum(s_, sw);
    if (eng_lane() == 0)
    {
        squaresP[eng_block()] = sp;
        squaresW[eng_block()] = sw;
    }
}
