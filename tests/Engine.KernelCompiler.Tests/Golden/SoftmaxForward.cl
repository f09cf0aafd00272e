// SoftmaxForward

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

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void SoftmaxForward(__global float* x_base, i64 x_offset, __global float* y_base, i64 y_offset, i64 n, i64 inner, int log_)
{
    __global float* x = (__global float*)((__global u8*)x_base + x_offset);
    __global float* y = (__global float*)((__global u8*)y_base + y_offset);
    ENG_SCRATCH(s_);
    i64 start = (eng_block() / inner * n * inner) + (eng_block() % inner);
    ExpSum s = ExpSum_Of_float_Float32Element(x, start, n, inner, s_);
    float sum = ExpSum_Divisor(s);
    float logSum = log(sum);
    for (i64 i = eng_lane(); i < n; i += LANES)
    {
        i64 at = start + (i * inner);
        float d = x[at] - s.Max;
        y[at] = log_ ? d - logSum : exp(d) / sum;
    }
}
