// IndexSelectForward

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void IndexSelectForward(__global float* x_base, i64 x_offset, __global int* indices_base, i64 indices_offset, __global float* y_base, i64 y_offset, i64 n, i64 m, i64 inner)
{
    __global float* x = (__global float*)((__global u8*)x_base + x_offset);
    __global int* indices = (__global int*)((__global u8*)indices_base + indices_offset);
    __global float* y = (__global float*)((__global u8*)y_base + y_offset);
    i64 from = indices[eng_block() % m];
    i64 row = (eng_block() / m * n) + from;
    bool inside = from >= 0L && from < n;
    for (i64 i = eng_lane(); i < inner; i += LANES)
    {
        y[(eng_block() * inner) + i] = inside ? x[(row * inner) + i] : ENG_NAN;
    }
}
