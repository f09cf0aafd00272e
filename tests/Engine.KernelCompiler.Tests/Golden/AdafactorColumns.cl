// AdafactorColumns

static inline __attribute__((always_inline)) float GradientFactor_Of(__global float* clip, float gradScale)
{
    return clip != 0 ? gradScale * clip[0L] : gradScale;
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void AdafactorColumns(__global float* g_base, i64 g_offset, __global float* partial_base, i64 partial_offset, __global float* clip_base, i64 clip_offset, float gradScale, i64 N, i64 M, i64 chunk)
{
    __global float* g = (__global float*)((__global u8*)g_base + g_offset);
    __global float* partial = (__global float*)((__global u8*)partial_base + partial_offset);
    __global float* clip = (__global float*)((__global u8*)clip_base + clip_offset);
    float factor = GradientFactor_Of(clip, gradScale);
    i64 groups = (M + 64L - 1L) / 64L;
    i64 part = eng_block() / groups;
    i64 left = eng_block() % groups * 64L;
    i64 right = left + 64L < M ? left + 64L : M;
    i64 end = (part + 1L) * chunk < N ? (part + 1L) * chunk : N;
    for (i64 j = left + eng_lane(); j < right; j += LANES)
    {
        float s = 0.0f;
        for (i64 i = part * chunk; i < end; i++)
        {
            float d = factor * g[(i * M) + j];
            s += d * d;
        }
        partial[(part * M) + j] = s;
    }
}
