// Int8Rows

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void Int8Rows(__global i8* q_base, i64 q_offset, __global float* scale_base, i64 scale_offset, __global int* indices_base, i64 indices_offset, __global float* y_base, i64 y_offset, i64 V, i64 C)
{
    __global i8* q = (__global i8*)((__global u8*)q_base + q_offset);
    __global float* scale = (__global float*)((__global u8*)scale_base + scale_offset);
    __global int* indices = (__global int*)((__global u8*)indices_base + indices_offset);
    __global float* y = (__global float*)((__global u8*)y_base + y_offset);
    i64 v = indices != 0 ? (i64)indices[eng_block()] : eng_block();
    __global float* yr = y + ((i64)eng_block() * C);
    bool inside = v >= 0L && v < V;
    for (i64 c = eng_lane(); c < C; c += LANES)
    {
        yr[c] = inside ? scale[v] * q[(v * C) + c] : ENG_NAN;
    }
}
