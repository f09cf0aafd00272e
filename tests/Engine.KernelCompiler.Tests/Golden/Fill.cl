// Fill<Single>

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void Fill(__global float* y_base, i64 y_offset, float value, i64 n)
{
    __global float* y = (__global float*)((__global u8*)y_base + y_offset);
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        y[i] = value;
    }
}
