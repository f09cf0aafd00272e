// RmsPropStep

static __device__ __forceinline__ float GradientFactor_Of(float* clip, float gradScale)
{
    return clip != 0 ? gradScale * clip[0LL] : gradScale;
}

extern "C" __global__ void __launch_bounds__(LANES) RmsPropStep(float* p, float* g, float* v, float* clip, float gradScale, float lr, float l2, float oneMinusAlpha, float eps, i64 n)
{
    float factor = GradientFactor_Of(clip, gradScale);
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        float d = (factor * g[i]) + (l2 * p[i]);
        float vi = v[i] + (oneMinusAlpha * ((d * d) - v[i]));
        v[i] = vi;
        p[i] -= lr * d / (sqrtf(vi) + eps);
    }
}
