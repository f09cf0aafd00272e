// AdamStep

static inline __attribute__((always_inline)) float GradientFactor_Of(__global float* clip, float gradScale)
{
    return clip != 0 ? gradScale * clip[0L] : gradScale;
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void AdamStep(__global float* p_base, i64 p_offset, __global float* g_base, i64 g_offset, __global float* m_base, i64 m_offset, __global float* v_base, i64 v_offset, __global float* vMax_base, i64 vMax_offset, __global float* clip_base, i64 clip_offset, float gradScale, float rate, float decay, float l2, float oneMinusBeta1, float oneMinusBeta2, float root, float eps, i64 n)
{
    __global float* p = (__global float*)((__global u8*)p_base + p_offset);
    __global float* g = (__global float*)((__global u8*)g_base + g_offset);
    __global float* m = (__global float*)((__global u8*)m_base + m_offset);
    __global float* v = (__global float*)((__global u8*)v_base + v_offset);
    __global float* vMax = (__global float*)((__global u8*)vMax_base + vMax_offset);
    __global float* clip = (__global float*)((__global u8*)clip_base + clip_offset);
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
        p[i] = (decay * w) - (rate * mi / ((sqrt(vi) * root) + eps));
    }
}
