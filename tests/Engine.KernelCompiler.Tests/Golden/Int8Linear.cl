// Int8Linear<Identity>

static inline __attribute__((always_inline)) float Identity_Value(float x, float a)
{
    return x;
}

static inline __attribute__((always_inline)) float Identity_Derivative(float x, float y, float a)
{
    return 1.0f;
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void Int8Linear(__global float* x_base, i64 x_offset, __global i8* q_base, i64 q_offset, __global float* scale_base, i64 scale_offset, __global float* bias_base, i64 bias_offset, __global float* y_base, i64 y_offset, i64 M, i64 N, i64 K)
{
    __global float* x = (__global float*)((__global u8*)x_base + x_offset);
    __global i8* q = (__global i8*)((__global u8*)q_base + q_offset);
    __global float* scale = (__global float*)((__global u8*)scale_base + scale_offset);
    __global float* bias = (__global float*)((__global u8*)bias_base + bias_offset);
    __global float* y = (__global float*)((__global u8*)y_base + y_offset);
    ENG_SCRATCH(s_);
    i64 n = eng_block() / M;
    i64 m = eng_block() % M;
    __global float* xm = x + ((i64)m * K);
    __global i8* qn = q + ((i64)n * K);
    float sum = 0.0f;
    for (i64 k = eng_lane(); k < K; k += LANES)
    {
        sum += xm[k] * qn[k];
    }
    float dot_ = eng_block_sum(s_, sum);
    if (eng_lane() == 0)
    {
        float z = dot_ * scale[n];
        y[(m * N) + n] = Identity_Value(bias != 0 ? z + bias[n] : z, 0.0f);
    }
}
