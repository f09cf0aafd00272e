// Accumulate<Single, Float32Element, Single, Float32Element>

static inline __attribute__((always_inline)) float Float32Element_Load_float(float stored)
{
    return stored;
}

static inline __attribute__((always_inline)) float Float32Element_Store_float(float value)
{
    return value;
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void Accumulate(__global float* x_base, i64 x_offset, __global float* y_base, i64 y_offset, Layout from, Layout to, i64 n)
{
    __global float* x = (__global float*)((__global u8*)x_base + x_offset);
    __global float* y = (__global float*)((__global u8*)y_base + y_offset);
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        i64 at = eng_layout_at(to, i);
        y[at] = Float32Element_Store_float(Float32Element_Load_float(y[at]) + Float32Element_Load_float(x[eng_layout_at(from, i)]));
    }
}
