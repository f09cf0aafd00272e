// EmbeddingBackward<Single, Float32Element>

static inline __attribute__((always_inline)) float Float32Element_Load_float(float stored)
{
    return stored;
}

static inline __attribute__((always_inline)) float Float32Element_Store_float(float value)
{
    return value;
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void EmbeddingBackward(__global int* indices_base, i64 indices_offset, __global float* dY_base, i64 dY_offset, __global float* dTable_base, i64 dTable_offset, i64 N, i64 V, i64 C, int skip)
{
    __global int* indices = (__global int*)((__global u8*)indices_base + indices_offset);
    __global float* dY = (__global float*)((__global u8*)dY_base + dY_offset);
    __global float* dTable = (__global float*)((__global u8*)dTable_base + dTable_offset);
    ENG_SCRATCH(s_);
    int v = indices[eng_block()];
    float earlier = 0.0f;
    for (i64 n = eng_lane(); n < eng_block() && earlier == 0.0f; n += LANES)
    {
        earlier = indices[n] == v ? 1.0f : 0.0f;
    }
    if (eng_block_max(s_, earlier) == 0.0f && v != skip && v >= 0 && v < V)
    {
        __global float* row = dTable + ((i64)v * C);
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
