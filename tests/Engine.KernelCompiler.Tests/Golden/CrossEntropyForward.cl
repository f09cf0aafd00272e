// CrossEntropyForward<Single, Float32Element>

static inline __attribute__((always_inline)) float Float32Element_Load_float(float stored)
{
    return stored;
}

static inline __attribute__((always_inline)) float Float32Element_Store_float(float value)
{
    return value;
}

typedef struct
{
    float Max;
    float Sum;
} ExpSum;

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

static inline __attribute__((always_inline)) float ClassWeight_Of(__global float* weights, int t, i64 V)
{
    float w = ENG_NAN;
    if (t >= 0 && t < V)
    {
        w = weights != 0 ? weights[t] : 1.0f;
    }
    return w;
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void CrossEntropyForward(__global float* x_base, i64 x_offset, __global int* targets_base, i64 targets_offset, __global float* weights_base, i64 weights_offset, __global float* lse_base, i64 lse_offset, __global float* loss_base, i64 loss_offset, i64 V, float smoothing, int ignore)
{
    __global float* x = (__global float*)((__global u8*)x_base + x_offset);
    __global int* targets = (__global int*)((__global u8*)targets_base + targets_offset);
    __global float* weights = (__global float*)((__global u8*)weights_base + weights_offset);
    __global float* lse = (__global float*)((__global u8*)lse_base + lse_offset);
    __global float* loss = (__global float*)((__global u8*)loss_base + loss_offset);
    ENG_SCRATCH(s_);
    int t = targets[eng_block()];
    __global float* xr = x + ((i64)eng_block() * V);
    i64 n = t == ignore ? 0L : V;
    ExpSum s = ExpSum_Of_float_Float32Element(xr, 0L, n, 1L, s_);
    float logSum = log(ExpSum_Divisor(s));
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
