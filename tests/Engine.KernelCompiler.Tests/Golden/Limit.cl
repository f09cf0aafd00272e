// Limit

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void Limit(__global float* x_base, i64 x_offset, float limit, i64 n)
{
    __global float* x = (__global float*)((__global u8*)x_base + x_offset);
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        x[i] = eng_min(eng_max(x[i], -limit), limit);
    }
}
