// EmbeddingBackward<Single, Float32Element>

static __device__ __forceinline__ float Float32Element_Load_float(float stored)
{
    return stored;
}

static __device__ __forceinline__ float Float32Element_Store_float(float value)
{
    return value;
}

extern "C" __global__ void __launch_bounds__(LANES) EmbeddingBackward(int* indices, float* dY, float* dTable, i64 N, i64 V, i64 C, int skip)
{
    ENG_SCRATCH(s_);
    int v = indices[eng_block()];
    float earlier = 0.0f;
    for (i64 n = eng_lane(); n < eng_block() && earlier == 0.0f; n += LANES)
    {
        earlier = indices[n] == v ? 1.0f : 0.0f;
    }
    if (eng_block_max(s_, earlier) == 0.0f && v != skip && v >= 0 && v < V)
    {
        float* row = dTable + ((i64)v * C);
        for (i64 n = eng_block(); n < N; n++)
        {
            if (indices[n] == v)
            {
                for (i64 c = eng_lane(); c < C; c += LANES)
                {
                    row[c] += Float32Element_Load_float(dY[(n * C) + c]);
                }
            }
        }
    }
}
