// SumOfSquares

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void SumOfSquares(__global float* x_base, i64 x_offset, __global float* partial_base, i64 partial_offset, i64 at, i64 n)
{
    __global float* x = (__global float*)((__global u8*)x_base + x_offset);
    __global float* partial = (__global float*)((__global u8*)partial_base + partial_offset);
    ENG_SCRATCH(s_);
    i64 end = eng_end(n);
    float s = 0.0f;
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        s += x[i] * x[i];
    }
    s = eng_block_sum(s_, s);
    if (eng_lane() == 0)
    {
        partial[at + eng_block()] = s;
    }
}
