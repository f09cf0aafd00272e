// LionStep

static inline __attribute__((always_inline)) float GradientFactor_Of(__global float* clip, float gradScale)
{
    return clip != 0 ? gradScale * clip[0L] : gradScale;
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void LionStep(__global float* p_base, i64 p_offset, __global float* g_base, i64 g_offset, __global float* m_base, i64 m_offset, __global float* clip_base, i64 clip_offset, float gradScale, float lr, float decay, float oneMinusBeta1, float oneMinusBeta2, i64 n)
{
    __global float* p = (__global float*)((__global u8*)p_base + p_offset);
    __global float* g = (__global float*)((__global u8*)g_base + g_offset);
    __global float* m = (__global float*)((__global u8*)m_base + m_offset);
    __global float* clip = (__global float*)((__global u8*)clip_base + clip_offset);
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
