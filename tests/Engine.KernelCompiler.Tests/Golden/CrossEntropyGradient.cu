// CrossEntropyGradient<Single, Float32Element>

static __device__ __forceinline__ float Float32Element_Load_float(float stored)
{
    return stored;
}

static __device__ __forceinline__ float Float32Element_Store_float(float value)
{
    return value;
}

typedef struct
{
    float Max;
    float Sum;
} ExpSum;

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

extern "C" __global__ void __launch_bounds__(LANES) CrossEntropyGradient(float* x, int* targets, float* dX, float* loss, i64 V, int ignore)
{
    ENG_SCRATCH(s_);
    int t = targets[eng_block()];
    bool inside = t >= 0 && t < V;
    float* xr = x + ((i64)eng_block() * V);
    float* dXr = dX + ((i64)eng_block() * V);
    float xt = inside ? xr[t] : ENG_NAN;
    ExpSum s = ExpSum_Of_float_Float32Element(xr, 0LL, t == ignore ? 0LL : V, 1LL, s_);
    float sum = ExpSum_Divisor(s);
    for (i64 c = eng_lane(); c < V; c += LANES)
    {
        float p = expf(xr[c] - s.Max) / sum;
        float d = c == t ? p - 1.0f : p;
        dXr[c] = Float32Element_Store_float(t == ignore ? 0.0f : inside ? d : ENG_NAN);
    }
    if (eng_lane() == 0)
    {
        loss[eng_block()] = t == ignore ? 0.0f : logf(sum) - (xt - s.Max);
    }
}
