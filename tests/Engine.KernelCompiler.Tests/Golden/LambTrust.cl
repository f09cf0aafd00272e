// LambTrust

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

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void LambTrust(__global float* squaresP_base, i64 squaresP_offset, __global float* squaresU_base, i64 squaresU_offset, __global float* trust_base, i64 trust_offset, i64 n)
{
    __global float* squaresP = (__global float*)((__global u8*)squaresP_base + squaresP_offset);
    __global float* squaresU = (__global float*)((__global u8*)squaresU_base + squaresU_offset);
    __global float* trust = (__global float*)((__global u8*)trust_base + trust_offset);
    ENG_SCRATCH(s_);
    float sp = Partials_Sum(squaresP, n, s_);
    float su = Partials_Sum(squaresU, n, s_);
    if (eng_lane() == 0)
    {
        trust[0L] = sp > 0.0f && su > 0.0f ? sqrt(sp) / sqrt(su) : 1.0f;
    }
}
