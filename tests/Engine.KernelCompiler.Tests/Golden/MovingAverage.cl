// MovingAverage

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void MovingAverage(__global float* e_base, i64 e_offset, __global float* x_base, i64 x_offset, float oneMinusDecay, i64 n)
{
    __global float* e = (__global float*)((__global u8*)e_base + e_offset);
    __global float* x = (__global float*)((__global u8*)x_base + x_offset);
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        e[i] += oneMinusDecay * (x[i] - e[i]);
    }
}
