// Rescale

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void Rescale(__global float* x_base, i64 x_offset, __global float* factor_base, i64 factor_offset, i64 n)
{
    __global float* x = (__global float*)((__global u8*)x_base + x_offset);
    __global float* factor = (__global float*)((__global u8*)factor_base + factor_offset);
    float f = factor[0L];
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        x[i] *= f;
    }
}
