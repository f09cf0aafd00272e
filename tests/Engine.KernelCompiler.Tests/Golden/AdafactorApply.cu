// AdafactorApply

static __device__ __forceinline__ float GradientFactor_Of(float* clip, float gradScale)
{
    return clip != 0 ? gradScale * clip[0LL] : gradScale;
}

static __device__ __forceinline__ float AdafactorDirection_Of(float d, float r, float c)
{
    return d * rsqrtf(r) * rsqrtf(c);
}

extern "C" __global__ void __launch_bounds__(LANES) AdafactorApply(float* p, float* g, float* r, float* c, float* scale, float* clip, float gradScale, float lr, float decay, i64 n, i64 M)
{
    float factor = GradientFactor_Of(clip, gradScale);
    float rate = lr * scale[0LL];
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        p[i] = (decay * p[i]) - (rate * AdafactorDirection_Of(factor * g[i], r[i / M], c[i % M]));
    }
}
