// CrossEntropyGradient<Single, Float32Element>

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

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void CrossEntropyGradient(__global float* x_base, i64 x_offset, __global int* targets_base, i64 targets_offset, __global float* dX_base, i64 dX_offset, __global float* loss_base, i64 loss_offset, i64 V, int ignore)
{
    __global float* x = (__global float*)((__global u8*)x_base + x_offset);
    __global int* targets = (__global int*)((__global u8*)targets_base + targets_offset);
    __global float* dX = (__global float*)((__global u8*)dX_base + dX_offset);
    __global float* loss = (__global float*)((__global u8*)loss_base + loss_offset);
    ENG_SCRATCH(s_);
    int t = targets[eng_block()];
    bool inside = t >= 0 && t < V;
    __global float* xr = x + ((i64)eng_block() * V);
    __global float* dXr = dX + ((i64)eng_block() * V);
    float xt = inside ? xr[t] : ENG_NAN;
    ExpSum s = ExpSum_Of_float_Float32Element(xr, 0L, t == ignore ? 0L : V, 1L, s_);
    float sum = ExpSum_Divisor(s);
    for (i64 c = eng_lane(); c < V; c += LANES)
    {
        float p = exp(xr[c] - s.Max) / sum;
        float d = c == t ? p - 1.0f : p;
        dXr[c] = Float32Element_Store_float(t == ignore ? 0.0f : inside ? d : ENG_NAN);
    }
    if (eng_lane() == 0)
    {
        loss[eng_block()] = t == ignore ? 0.0f : log(sum) - (xt - s.Max);
    }
}
