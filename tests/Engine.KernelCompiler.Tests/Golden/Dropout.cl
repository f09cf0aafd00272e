// Dropout<Single, Float32Element>

static inline __attribute__((always_inline)) float Float32Element_Load_float(float stored)
{
    return stored;
}

static inline __attribute__((always_inline)) float Float32Element_Store_float(float value)
{
    return value;
}

static inline __attribute__((always_inline)) void Dropout_Put(uint word, i64 i, i64 start, i64 end, __global float* y, float p, __global float* x, float scale)
{
    if (i >= start && i < end)
    {
        y[i] = Float32Element_Store_float(eng_philox_to_uniform(word) >= p ? Float32Element_Load_float(x[i]) * scale : 0.0f);
    }
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void Dropout(__global float* x_base, i64 x_offset, __global float* y_base, i64 y_offset, u64 seed, u64 stream, u64 position, float p, float scale, i64 n)
{
    __global float* x = (__global float*)((__global u8*)x_base + x_offset);
    __global float* y = (__global float*)((__global u8*)y_base + y_offset);
    i64 start = eng_block() * 4096L;
    i64 end = eng_end(n);
    i64 before = (i64)((position + (u64)start) & 3UL);
    for (i64 i = start - before + (4L * eng_lane()); i < end; i += 4L * LANES)
    {
        Philox_Words w = eng_philox_at(seed, stream, (position + (u64)i) >> 2);
        Dropout_Put(w.X, i, start, end, y, p, x, scale);
        Dropout_Put(w.Y, i + 1L, start, end, y, p, x, scale);
        Dropout_Put(w.Z, i + 2L, start, end, y, p, x, scale);
        Dropout_Put(w.W, i + 3L, start, end, y, p, x, scale);
    }
}
