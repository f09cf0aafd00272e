// LambMoments

static inline __attribute__((always_inline)) float GradientFactor_Of(__global float* clip, float gradScale)
{
    return clip != 0 ? gradScale * clip[0L] : gradScale;
}

static inline __attribute__((always_inline)) float LambDirection_Of(float p, float m, float v, float weightDecay, float correct1, float root, float eps)
{
    return (m * correct1 / ((sqrt(v) * root) + eps)) + (weightDecay * p);
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void LambMoments(__global float* p_base, i64 p_offset, __global float* g_base, i64 g_offset, __global float* m_base, i64 m_offset, __global float* v_base, i64 v_offset, __global float* squaresP_base, i64 squaresP_offset, __global float* squaresU_base, i64 squaresU_offset, __global float* clip_base, i64 clip_offset, float gradScale, float weightDecay, float oneMinusBeta1, float oneMinusBeta2, float correct1, float root, float eps, i64 n)
{
    __global float* p = (__global float*)((__global u8*)p_base + p_offset);
    __global float* g = (__global float*)((__global u8*)g_base + g_offset);
    __global float* m = (__global float*)((__global u8*)m_base + m_offset);
    __global float* v = (__global float*)((__global u8*)v_base + v_offset);
    __global float* squaresP = (__global float*)((__global u8*)squaresP_base + squaresP_offset);
    __global float* squaresU = (__global float*)((__global u8*)squaresU_base + squaresU_offset);
    __global float* clip = (__global float*)((__global u8*)clip_base + clip_offset);
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
