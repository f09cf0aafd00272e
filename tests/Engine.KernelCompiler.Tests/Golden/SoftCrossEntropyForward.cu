// SoftCrossEntropyForward

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

static __device__ __forceinline__ void Result_Write(float* y, float value, bool accumulate)
{
    if (eng_lane() == 0 && y != 0)
    {
        y[eng_block()] = accumulate ? y[eng_block()] + value : value;
    }
}

extern "C" __global__ void __launch_bounds__(LANES) SoftCrossEntropyForward(float* x, float* q, float* lse, float* loss, i64 V)
{
    ENG_SCRATCH(s_);
    float* xr = x + ((i64)eng_block() * V);
    float* qr = q + ((i64)eng_block() * V);
    ExpSum s = ExpSum_Of_float_Float32Element(xr, 0LL, V, 1LL, s_);
    float logSum = logf(ExpSum_Divisor(s));
    float sum = 0.0f;
    for (i64 c = eng_lane(); c < V; c += LANES)
    {
        sum += qr[c] * (logSum - (xr[c] - s.Max));
    }
    Result_Write(loss, eng_block_sum(s_, sum), false);
    Result_Write(lse, s.Max + logSum, false);
}
