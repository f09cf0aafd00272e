// AdafactorApply

static inline __attribute__((always_inline)) float GradientFactor_Of(__global float* clip, float gradScale)
{
    return clip != 0 ? gradScale * clip[0L] : gradScale;
}

static inline __attribute__((always_inline)) float AdafactorDirection_Of(float d, float r, float c)
{
    return d * rsqrt(r) * rsqrt(c);
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void AdafactorApply(__global float* p_base, i64 p_offset, __global float* g_base, i64 g_offset, __global float* r_base, i64 r_offset, __global float* c_base, i64 c_offset, __global float* scale_base, i64 scale_offset, __global float* clip_base, i64 clip_offset, float gradScale, float lr, float decay, i64 n, i64 M)
{
    __global float* p = (__global float*)((__global u8*)p_base + p_offset);
    __global float* g = (__global float*)((__global u8*)g_base + g_offset);
    __global float* r = (__global float*)((__global u8*)r_base + r_offset);
    __global float* c = (__global float*)((__global u8*)c_base + c_offset);
    __global float* scale = (__global float*)((__global u8*)scale_base + scale_offset);
    __global float* clip = (__global float*)((__global u8*)clip_base + clip_offset);
    float factor = GradientFactor_Of(clip, gradScale);
    float rate = lr * scale[0L];
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        p[i] = (decay * p[i]) - (rate * AdafactorDirection_Of(factor * g[i], r[i / M], c[i % M]));
    }
}
