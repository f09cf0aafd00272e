// Map<Identity>

static inline __attribute__((always_inline)) float Identity_Value(float x, float a)
{
    return x;
}

static inline __attribute__((always_inline)) float Identity_Derivative(float x, float y, float a)
{
    return 1.0f;
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void Map(__global float* x_base, i64 x_offset, __global float* y_base, i64 y_offset, float a, i64 n)
{
    __global float* x = (__global float*)((__global u8*)x_base + x_offset);
    __global float* y = (__global float*)((__global u8*)y_base + y_offset);
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        y[i] = Identity_Value(x[i], a);
    }
}
