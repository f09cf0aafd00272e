// CrossEntropyForward<Single, Float32Element>

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

static __device__ __forceinline__ float ClassWeight_Of(float* weights, int t, i64 V)
{
    float w = ENG_NAN;
    if (t >= 0 && t < V)
    {
        w = weights != 0 ? weights[t] : 1.0f;
    }
    return w;
}

extern "C" __global__ void __launch_bounds__(LANES) CrossEntropyForward(float* x, int* targets, float* weights, float* lse, float* loss, i64 V, float smoothing, int ignore)
{
    ENG_SCRATCH(s_);
    int t = targets[eng_block()];
    float* xr = x + ((i64)eng_block() * V);
    i64 n = t == ignore ? 0LL : V;
    ExpSum s = ExpSum_Of_float_Float32Element(xr, 0LL, n, 1LL, s_);
    float logSum = logf(ExpSum_Divisor(s));
    float spread = 0.0f;
    if (smoothing > 0.0f)
    {
        for (i64 c = eng_lane(); c < n; c += LANES)
        {
            float w = weights != 0 ? weights[c] : 1.0f;
            spread += w * (logSum - (Float32Element_Load_float(xr[c]) - s.Max));
        }
    }
    spread = eng_block_sum(s_, spread);
    if (eng_lane() == 0)
    {
        float own = ENG_NAN;
        if (t >= 0 && t < V)
        {
            own = ClassWeight_Of(weights, t, V) * (logSum - (Float32Element_Load_float(xr[t]) - s.Max));
        }
        loss[eng_block()] = t == ignore ? 0.0f : ((1.0f - smoothing) * own) + (smoothing / V * spread);
        if (lse != 0)
        {
            lse[eng_block()] = s.Max + logSum;
        }
    }
}
