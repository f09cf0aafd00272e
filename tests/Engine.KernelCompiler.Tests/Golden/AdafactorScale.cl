// AdafactorScale

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

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void AdafactorScale(__global float* squaresP_base, i64 squaresP_offset, __global float* squaresW_base, i64 squaresW_offset, __global float* r_base, i64 r_offset, __global float* scale_base, i64 scale_offset, float eps2, float threshold, i64 parts, i64 count, i64 N)
{
    __global float* squaresP = (__global float*)((__global u8*)squaresP_base + squaresP_offset);
    __global float* squaresW = (__global float*)((__global u8*)squaresW_base + squaresW_offset);
    __global float* r = (__global float*)((__global u8*)r_base + r_offset);
    __global float* scale = (__global float*)((__global u8*)scale_base + scale_offset);
    ENG_SCRATCH(s_);
    float sp = Partials_Sum(squaresP, parts, s_);
    float sw = Partials_Sum(squaresW, parts, s_);
    float root = sqrt(Partials_Sum(r, N, s_) / N);
    if (eng_lane() == 0)
    {
        float size = eng_max(eps2, sqrt(sp / count));
        float length_ = eng_max(1.0f, sqrt(sw / count) * root / threshold);
        scale[0L] = size / length_ * root;
    }
}
