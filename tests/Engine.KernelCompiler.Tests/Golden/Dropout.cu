// Dropout<Single, Float32Element>

static __device__ __forceinline__ float Float32Element_Load_float(float stored)
{
    return stored;
}

static __device__ __forceinline__ float Float32Element_Store_float(float value)
{
    return value;
}

static __device__ __forceinline__ void Dropout_Put(uint word, i64 i, i64 start, i64 end, float* y, float p, float* x, float scale)
{
    if (i >= start && i < end)
    {
        y[i] = Float32Element_Store_float(eng_philox_to_uniform(word) >= p ? Float32Element_Load_float(x[i]) * scale : 0.0f);
    }
}

extern "C" __global__ void __launch_bounds__(LANES) Dropout(float* x, float* y, u64 seed, u64 stream, u64 position, float p, float scale, i64 n)
{
    i64 start = eng_block() * 4096LL;
    i64 end = eng_end(n);
    i64 before = (i64)((position + (u64)start) & 3ULL);
    for (i64 i = start - before + (4LL * eng_lane()); i < end; i += 4LL * LANES)
    {
        Philox_Words w = eng_philox_at(seed, stream, (position + (u64)i) >> 2);
        Dropout_Put(w.X, i, start, end, y, p, x, scale);
        Dropout_Put(w.Y, i + 1LL, start, end, y, p, x, scale);
        Dropout_Put(w.Z, i + 2LL, start, end, y, p, x, scale);
        Dropout_Put(w.W, i + 3LL, start, end, y, p, x, scale);
    }
}
