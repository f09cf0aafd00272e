// ClipScale

static inline __attribute__((always_inline)) float Partials_Sum(__global float* x, i64 n, eng_scratch s_)
{
    float total = 0.0f;
    for (i64 start = eng_lane(); start < n; start += 256L * LANES)
    {
        i64 end = start + (256L * LANES);
        float s = 0.0f;
        for (i64 i = start; i < end && i < n; i += LANES)
        {
            s += x[i];
        }
        total += s;
    }
    return eng_block_sum(s_, total);
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void ClipScale(__global float* partial_base, i64 partial_offset, __global float* norm_base, i64 norm_offset, __global float* scale_base, i64 scale_offset, float maxNorm, float gradScale, i64 n)
{
    __global float* partial = (__global float*)((__global u8*)partial_base + partial_offset);
    __global float* norm = (__global float*)((__global u8*)norm_base + norm_offset);
    __global float* scale = (__global float*)((__global u8*)scale_base + scale_offset);
    ENG_SCRATCH(s_);
    float length_ = gradScale * sqrt(Partials_Sum(partial, n, s_));
    if (eng_lane() == 0)
    {
        norm[0L] = length_;
        scale[0L] = eng_min(1.0f, maxNorm / (length_ + 1e-06f));
    }
}
