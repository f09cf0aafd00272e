// LionStep

static __device__ __forceinline__ float GradientFactor_Of(float* clip, float gradScale)
{
    return clip != 0 ? gradScale * clip[0LL] : gradScale;
}

extern "C" __global__ void __launch_bounds__(LANES) LionStep(float* p, float* g, float* m, float* clip, float gradScale, float lr, float decay, float oneMinusBeta1, float oneMinusBeta2, i64 n)
{
    float factor = GradientFactor_Of(clip, gradScale);
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        float change = factor * g[i];
        float mi = m[i];
        float c = mi + (oneMinusBeta1 * (change - mi));
        float sign_ = c > 0.0f ? 1.0f : c < 0.0f ? (-1.0f) : c;
        p[i] = (decay * p[i]) - (lr * sign_);
        m[i] = mi + (oneMinusBeta2 * (change - mi));
    }
}
