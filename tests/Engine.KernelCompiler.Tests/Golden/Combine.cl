// Combine<Sum, Single, Float32Element>

static inline __attribute__((always_inline)) float Sum_Value(float a, float b)
{
    return a + b;
}

static inline __attribute__((always_inline)) float Sum_DerivativeA(float a, float b)
{
    return 1.0f;
}

static inline __attribute__((always_inline)) float Sum_DerivativeB(float a, float b)
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

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void Combine(__global float* u_base, i64 u_offset, __global float* v_base, i64 v_offset, __global float* y_base, i64 y_offset, Layout lu, Layout lv, i64 n)
{
    __global float* u = (__global float*)((__global u8*)u_base + u_offset);
    __global float* v = (__global float*)((__global u8*)v_base + v_offset);
    __global float* y = (__global float*)((__global u8*)y_base + y_offset);
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        y[i] = Float32Element_Store_float(Sum_Value(Float32Element_Load_float(u[eng_layout_at(lu, i)]), Float32Element_Load_float(v[eng_layout_at(lv, i)])));
    }
}
