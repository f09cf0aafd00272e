// RmsPropStep

static inline __attribute__((always_inline)) float GradientFactor_Of(__global float* clip, float gradScale)
{
    return clip != 0 ? gradScale * clip[0L] : gradScale;
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void RmsPropStep(__global float* p_base, i64 p_offset, __global float* g_base, i64 g_offset, __global float* v_base, i64 v_offset, __global float* clip_base, i64 clip_offset, float gradScale, float lr, float l2, float oneMinusAlpha, float eps, i64 n)
{
    __global float* p = (__global float*)((__global u8*)p_base + p_offset);
    __global float* g = (__global float*)((__global u8*)g_base + g_offset);
    __global float* v = (__global float*)((__global u8*)v_base + v_offset);
    __global float* clip = (__global float*)((__global u8*)clip_base + clip_offset);
    float factor = GradientFactor_Of(clip, gradScale);
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        float d = (factor * g[i]) + (l2 * p[i]);
        float vi = v[i] + (oneMinusAlpha * ((d * d) - v[i]));
        v[i] = vi;
        p[i] -= lr * d / (sqrt(vi) + eps);
    }
}
