// SoftmaxForward

typedef struct
{
    float Max;
    float Sum;
} ExpSum;

static __device__ __forceinline__ float Float32Element_Load_float(float stored)
{
    return stored;
}

static __device__ __forceinline__ float ExpSum_Shift(float max_)
{
    return fabsf(max_) == ENG_INFINITY ? 0.0f : max_;
}

static __device__ __forceinline__ ExpSum ExpSum_new(float Max, float Sum)
{
    ExpSum self;
    self.Max = Max;
    self.Sum = Sum;
    return self;
}

static __device__ __forceinline__ ExpSum ExpSum_Of_float_Float32Element(float* x, i64 start, i64 n, i64 step_, eng_scratch s_)
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
        sum += expf(Float32Element_Load_float(x[start + (i * step_)]) - max_);
    }
    return ExpSum_new(max_, eng_block_sum(s_, sum));
}

static __device__ __forceinline__ float ExpSum_Divisor(ExpSum self)
{
    return self.Sum < ENG_INFINITY ? self.Sum : ENG_NAN;
}

extern "C" __global__ void __launch_bounds__(LANES) SoftmaxForward(float* x, float* y, i64 n, i64 inner, int log_)
{
    ENG_SCRATCH(s_);
    i64 start = (eng_block() / inner * n * inner) + (eng_block() % inner);
    ExpSum s = ExpSum_Of_float_Float32Element(x, start, n, inner, s_);
    float sum = ExpSum_Divisor(s);
    float logSum = logf(sum);
    for (i64 i = eng_lane(); i < n; i += LANES)
    {
        i64 at = start + (i * inner);
        float d = x[at] - s.Max;
        y[at] = log_ ? d - logSum : expf(d) / sum;
    }
}
