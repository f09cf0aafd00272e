// MapBackward<Identity, Single, Float32Element>

static inline __attribute__((always_inline)) float Identity_Value(float x, float a)
{
    return x;
}

static inline __attribute__((always_inline)) float Identity_Derivative(float x, float y, float a)
{
    return 1.0f;
}

static inline __attribute__((always_inline)) float Float32Element_Load_float(float stored)
{
    return stored;
}

static inline __attribute__((always_inline)) float Float32Element_Store_float(float value)
{
    return value;
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void MapBackward(__global float* saved_base, i64 saved_offset, __global float* dY_base, i64 dY_offset, __global float* dX_base, i64 dX_offset, float a, i64 n)
{
    __global float* saved = (__global float*)((__global u8*)saved_base + saved_offset);
    __global float* dY = (__global float*)((__global u8*)dY_base + dY_offset);
    __global float* dX = (__global float*)((__global u8*)dX_base + dX_offset);
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        float s = Float32Element_Load_float(saved[i]);
        dX[i] = Float32Element_Store_float(Float32Element_Load_float(dY[i]) * Identity_Derivative(s, s, a));
    }
}
