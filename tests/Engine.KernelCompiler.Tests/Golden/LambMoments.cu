// LambMoments

static __device__ __forceinline__ float GradientFactor_Of(float* clip, float gradScale)
{
    return clip != 0 ? gradScale * clip[0LL] : gradScale;
}

static __device__ __forceinline__ float LambDirection_Of(float p, float m, float v, float weightDecay, float correct1, float root, float eps)
{
    return (m * correct1 / ((sqrtf(v) * root) + eps)) + (weightDecay * p);
}

extern "C" __global__ void __launch_bounds__(LANES) LambMoments(float* p, float* g, float* m, float* v, float* squaresP, float* squaresU, float* clip, float gradScale, float weightDecay, float oneMinusBeta1, float oneMinusBeta2, float correct1, float root, float eps, i64 n)
{
    ENG_SCRATCH(s_);
    float factor = GradientFactor_Of(clip, gradScale);
    float sp = 0.0f;
    float su = 0.0f;
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        float d = factor * g[i];
        float mi = m[i] + (oneMinusBeta1 * (d - m[i]));
        float vi = v[i] + (oneMinusBeta2 * ((d * d) - v[i]));
        m[i] = mi;
        v[i] = vi;
        float u = LambDirection_Of(p[i], mi, vi, weightDecay, correct1, root, eps);
        sp += p[i] * p[i];
        su += u * u;
    }
    sp = eng_block_sum(s_, sp);
    su = eng_block_sum(s_, su);
    if (eng_lane() == 0)
    {
        squaresP[eng_block()] = sp;
        squaresU[eng_block()] = su;
    }
}
