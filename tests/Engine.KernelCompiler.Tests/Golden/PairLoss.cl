// PairLoss<MseLoss>

static inline __attribute__((always_inline)) float MseLoss_Value(float a, float b, float p)
{
    return (a - b) * (a - b);
}

static inline __attribute__((always_inline)) float MseLoss_DerivativeA(float a, float b, float p)
{
    return 2.0f * (a - b);
}

static inline __attribute__((always_inline)) float MseLoss_DerivativeB(float a, float b, float p)
{
    return 2.0f * (b - a);
}

static inline __attribute__((always_inline)) void Result_Write(__global float* y, float value, bool accumulate)
{
    if (eng_lane() == 0 && y != 0)
    {
        y[eng_block()] = accumulate ? y[eng_block()] + value : value;
    }
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void PairLoss(__global float* u_base, i64 u_offset, __global float* v_base, i64 v_offset, __global float* classes_base, i64 classes_offset, __global float* each_base, i64 each_offset, __global float* partial_base, i64 partial_offset, float p, i64 C, i64 n)
{
    __global float* u = (__global float*)((__global u8*)u_base + u_offset);
    __global float* v = (__global float*)((__global u8*)v_base + v_offset);
    __global float* classes = (__global float*)((__global u8*)classes_base + classes_offset);
    __global float* each = (__global float*)((__global u8*)each_base + each_offset);
    __global float* partial = (__global float*)((__global u8*)partial_base + partial_offset);
    ENG_SCRATCH(s_);
    float sum = 0.0f;
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        float value = MseLoss_Value(u[i], v[i], classes != 0 ? classes[i % C] : p);
        sum += value;
        if (each != 0)
        {
            each[i] = value;
        }
    }
    Result_Write(partial, eng_block_sum(s_, sum), false);
}
