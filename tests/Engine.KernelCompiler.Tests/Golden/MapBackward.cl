// MapBackward<Identity>

static inline __attribute__((always_inline)) float Identity_Value(float x, float a)
{
    return x;
}

static inline __attribute__((always_inline)) float Identity_Derivative(float x, float y, float a)
{
    return 1.0f;
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void MapBackward(__global float* saved_base, i64 saved_offset, __global float* dY_base, i64 dY_offset, __global float* dX_base, i64 dX_offset, float a, i64 n)
{
    __global float* saved = (__global float*)((__global u8*)saved_base + saved_offset);
    __global float* dY = (__global float*)((__global u8*)dY_base + dY_offset);
    __global float* dX = (__global float*)((__global u8*)dX_base + dX_offset);
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        dX[i] = dY[i] * Identity_Derivative(saved[i], saved[i], a);
    }
}
