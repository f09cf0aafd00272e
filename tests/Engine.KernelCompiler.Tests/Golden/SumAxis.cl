// SumAxis<Single, Float32Element>

static inline __attribute__((always_inline)) float Float32Element_Load_float(float stored)
{
    return stored;
}

static inline __attribute__((always_inline)) float Float32Element_Store_float(float value)
{
    return value;
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void SumAxis(__global float* x_base, i64 x_offset, __global float* y_base, i64 y_offset, i64 n, i64 inner, float scale)
{
    __global float* x = (__global float*)((__global u8*)x_base + x_offset);
    __global float* y = (__global float*)((__global u8*)y_base + y_offset);
    ENG_SCRATCH(s_);
    i64 start = (eng_block() / inner * n * inner) + (eng_block() % inner);
    float s = 0.0f;
    for (i64 i = eng_lane(); i < n; i += LANES)
    {
        s += Float32Element_Load_float(x[start + (i * inner)]);
    }
    s = eng_block_sum(s_, s);
    if (eng_lane() == 0)
    {
        y[eng_block()] = scale * s;
    }
}
