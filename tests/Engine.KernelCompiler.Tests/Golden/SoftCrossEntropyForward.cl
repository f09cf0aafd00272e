// SoftCrossEntropyForward

typedef struct
{
    float Max;
    float Sum;
} ExpSum;

static inline __attribute__((always_inline)) float Float32Element_Load_float(float stored)
{
    return stored;
}

static inline __attribute__((always_inline)) float ExpSum_Shift(float max_)
{
    return fabs(max_) == ENG_INFINITY ? 0.0f : max_;
}

static inline __attribute__((always_inline)) ExpSum ExpSum_new(float Max, float Sum)
{
    ExpSum self;
    self.Max = Max;
    self.Sum = Sum;
    return self;
}

static inline __attribute__((always_inline)) ExpSum ExpSum_Of_float_Float32Element(__global float* x, i64 start, i64 n, i64 step_, eng_scratch s_)
{
    float max_ = (-ENG_INFINITY);
    for (i64 i = eng_lane(); i < n; i += LANES)
    {
        max_ = eng_max(max_, Float32Element_Load_float(x[start + (i * step_)]));
    }
    max_ = ExpSum_Shift(eng_block_max(s_, max_));
    float sum = 0.0f;
    for (i64 i = eng_lane(); i < n; i += LANES)
    {
        sum += exp(Float32Element_Load_float(x[start + (i * step_)]) - max_);
    }
    return ExpSum_new(max_, eng_block_sum(s_, sum));
}

static inline __attribute__((always_inline)) float ExpSum_Divisor(ExpSum self)
{
    return self.Sum < ENG_INFINITY ? self.Sum : ENG_NAN;
}

static inline __attribute__((always_inline)) void Result_Write(__global float* y, float value, bool accumulate)
{
    if (eng_lane() == 0 && y != 0)
    {
        y[eng_block()] = accumulate ? y[eng_block()] + value : value;
    }
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void SoftCrossEntropyForward(__global float* x_base, i64 x_offset, __global float* q_base, i64 q_offset, __global float* lse_base, i64 lse_offset, __global float* loss_base, i64 loss_offset, i64 V)
{
    __global float* x = (__global float*)((__global u8*)x_base + x_offset);
    __global float* q = (__global float*)((__global u8*)q_base + q_offset);
    __global float* lse = (__global float*)((__global u8*)lse_base + lse_offset);
    __global float* loss = (__global float*)((__global u8*)loss_base + loss_offset);
    ENG_SCRATCH(s_);
    __global float* xr = x + ((i64)eng_block() * V);
    __global float* qr = q + ((i64)eng_block() * V);
    ExpSum s = ExpSum_Of_float_Float32Element(xr, 0L, V, 1L, s_);
    float logSum = log(ExpSum_Divisor(s));
    float sum = 0.0f;
    for (i64 c = eng_lane(); c < V; c += LANES)
    {
        sum += qr[c] * (logSum - (xr[c] - s.Max));
    }
    Result_Write(loss, eng_block_sum(s_, sum), false);
    Result_Write(lse, s.Max + logSum, false);
}
