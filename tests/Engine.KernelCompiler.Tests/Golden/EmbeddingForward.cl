// EmbeddingForward<Single, Float32Element>

static inline __attribute__((always_inline)) float Float32Element_Load_float(float stored)
{
    return stored;
}

static inline __attribute__((always_inline)) float Float32Element_Store_float(float value)
{
    return value;
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void EmbeddingForward(__global float* table_base, i64 table_offset, __global int* indices_base, i64 indices_offset, __global float* y_base, i64 y_offset, i64 V, i64 C)
{
    __global float* table = (__global float*)((__global u8*)table_base + table_offset);
    __global int* indices = (__global int*)((__global u8*)indices_base + indices_offset);
    __global float* y = (__global float*)((__global u8*)y_base + y_offset);
    i64 v = indices[eng_block()];
    __global float* yr = y + ((i64)eng_block() * C);
    bool inside = v >= 0L && v < V;
    for (i64 c = eng_lane(); c < C; c += LANES)
    {
        yr[c] = Float32Element_Store_float(inside ? Float32Element_Load_float(table[(v * C) + c]) : ENG_NAN);
    }
}
