// GatherForward

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void GatherForward(__global float* x_base, i64 x_offset, __global int* indices_base, i64 indices_offset, __global float* y_base, i64 y_offset, i64 n, i64 m, i64 inner, i64 count)
{
    __global float* x = (__global float*)((__global u8*)x_base + x_offset);
    __global int* indices = (__global int*)((__global u8*)indices_base + indices_offset);
    __global float* y = (__global float*)((__global u8*)y_base + y_offset);
    i64 end = eng_end(count);
    for (i64 e = eng_start(); e < end; e += LANES)
    {
        i64 from = indices[e];
        i64 o = e / (m * inner);
        y[e] = from >= 0L && from < n ? x[(((o * n) + from) * inner) + (e % inner)] : ENG_NAN;
    }
}
