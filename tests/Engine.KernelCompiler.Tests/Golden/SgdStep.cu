// SgdStep

static __device__ __forceinline__ float GradientFactor_Of(float* clip, float gradScale)
{
    return clip != 0 ? gradScale * clip[0LL] : gradScale;
}

extern "C" __global__ void __launch_bounds__(LANES) SgdStep(float* p, float* g, float* v, float* clip, float gradScale, float lr, float momentum, float l2, int nesterov, i64 n)
{
    float factor = GradientFactor_Of(clip, gradScale);
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        float d = (factor * g[i]) + (l2 * p[i]);
        if (v != 0)
        {
            float vi = (momentum * v[i]) + d;
            v[i] = vi;
            d = nesterov != 0 ? d + (momentum * vi) : vi;
        }
        p[i] -= lr * d;
    }
}
