// AdafactorRows

static inline __attribute__((always_inline)) float GradientFactor_Of(__global float* clip, float gradScale)
{
    return clip != 0 ? gradScale * clip[0L] : gradScale;
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void AdafactorRows(__global float* g_base, i64 g_offset, __global float* r_base, i64 r_offset, __global float* clip_base, i64 clip_offset, float gradScale, float eps, float oneMinusBeta, i64 M)
{
    __global float* g = (__global float*)((__global u8*)g_base + g_offset);
    __global float* r = (__global float*)((__global u8*)r_base + r_offset);
    __global float* clip = (__global float*)((__global u8*)clip_base + clip_offset);
    ENG_SCRATCH(s_);
    float factor = GradientFactor_Of(clip, gradScale);
    i64 first = eng_block() * M;
    float s = 0.0f;
    for (i64 j = eng_lane(); j < M; j += LANES)
    {
        float d = factor * g[first + j];
        s += d * d;
    }
    s = eng_block_sum(s_, s);
    if (eng_lane() == 0)
    {
        r[eng_block()] += oneMinusBeta * ((s / M) + eps - r[eng_block()]);
    }
}
