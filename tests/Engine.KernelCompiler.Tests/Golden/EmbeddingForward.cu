// EmbeddingForward<Single, Float32Element>

static __device__ __forceinline__ float Float32Element_Load_float(float stored)
{
    return stored;
}

static __device__ __forceinline__ float Float32Element_Store_float(float value)
{
    return value;
}

extern "C" __global__ void __launch_bounds__(LANES) EmbeddingForward(float* table, int* indices, float* y, i64 V, i64 C)
{
    i64 v = indices[eng_block()];
    float* yr = y + ((i64)eng_block() * C);
    bool inside = v >= 0LL && v < V;
    for (i64 c = eng_lane(); c < C; c += LANES)
    {
        yr[c] = Float32Element_Store_float(inside ? Float32Element_Load_float(table[(v * C) + c]) : ENG_NAN);
    }
}
