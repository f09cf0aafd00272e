// ColumnSum<Single, Float32Element>

static inline __attribute__((always_inline)) float Float32Element_Load_float(float stored)
{
    return stored;
}

static inline __attribute__((always_inline)) float Float32Element_Store_float(float value)
{
    return value;
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void ColumnSum(__global float* x_base, i64 x_offset, __global float* y_base, i64 y_offset, i64 rows, i64 columns, i64 chunk, int accumulate)
{
    __global float* x = (__global float*)((__global u8*)x_base + x_offset);
    __global float* y = (__global float*)((__global u8*)y_base + y_offset);
    i64 groups = (columns + 64L - 1L) / 64L;
    i64 r = eng_block() / groups;
    i64 left = eng_block() % groups * 64L;
    i64 right = left + 64L < columns ? left + 64L : columns;
    i64 end = (r + 1L) * chunk < rows ? (r + 1L) * chunk : rows;
    for (i64 j = left + eng_lane(); j < right; j += LANES)
    {
        float s = accumulate ? y[(r * columns) + j] : 0.0f;
        for (i64 i = r * chunk; i < end; i++)
        {
            s += Float32Element_Load_float(x[(i * columns) + j]);
        }
        y[(r * columns) + j] = s;
    }
}
