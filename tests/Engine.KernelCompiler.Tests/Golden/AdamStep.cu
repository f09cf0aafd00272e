// AdamStep

static __device__ __forceinline__ float GradientFactor_Of(float* clip, float gradScale)
{
    return clip != 0 ? gradScale * clip[0LL] : gradScale;
}

extern "C" __global__ void __launch_bounds__(LANES) AdamStep(float* p, float* g, float* m, float* v, float* vMax, float* clip, float gradScale, float rate, float decay, float l2, float oneMinusBeta1, float oneMinusBeta2, float root, float eps, i64 n)
{
    float factor = GradientFactor_Of(clip, gradScale);
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        float w = p[i];
        float d = (factor * g[i]) + (l2 * w);
        float mi = m[i] + (oneMinusBeta1 * (d - m[i]));
        float vi = v[i] + (oneMinusBeta2 * ((d * d) - v[i]));
        m[i] = mi;
        v[i] = vi;
        if (vMax != 0)
        {
            vi = eng_max(vMax[i], vi);
            vMax[i] = vi;
        }
        p[i] = (decay * w) - (rate * mi / ((sqrtf(vi) * root) + eps));
    }
}
