// RowNormForward<Single, Float32Element>

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
    float Mean;
    float Rstd;
} Moments;

static inline __attribute__((always_inline)) Moments Moments_new(float Mean, float Rstd)
{
    Moments self;
    self.Mean = Mean;
    self.Rstd = Rstd;
    return self;
}

static inline __attribute__((always_inline)) Moments Moments_Of_float_Float32Element(__global float* x, i64 n, float eps, eng_scratch s_)
{
    float s = 0.0f;
    for (i64 i = eng_lane(); i < n; i += LANES)
    {
        s += Float32Element_Load_float(x[i]);
    }
    float mu = eng_block_sum(s_, s) / n;
    float q = 0.0f;
    float e = 0.0f;
    for (i64 i = eng_lane(); i < n; i += LANES)
    {
        float d = Float32Element_Load_float(x[i]) - mu;
        q += d * d;
        e += d;
    }
    float shift = eng_block_sum(s_, e) / n;
    float variance = (eng_block_sum(s_, q) / n) - (shift * shift);
    return Moments_new(mu + shift, rsqrt(variance + eps));
}

static inline __attribute__((always_inline)) Moments Moments_Uncentred_float_Float32Element(__global float* x, i64 n, float eps, eng_scratch s_)
{
    float q = 0.0f;
    for (i64 i = eng_lane(); i < n; i += LANES)
    {
        float v = Float32Element_Load_float(x[i]);
        q += v * v;
    }
    return Moments_new(0.0f, rsqrt((eng_block_sum(s_, q) / n) + eps));
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void RowNormForward(__global float* x_base, i64 x_offset, __global float* gamma__base, i64 gamma__offset, __global float* beta_base, i64 beta_offset, __global float* y_base, i64 y_offset, __global float* mean_base, i64 mean_offset, __global float* rstd_base, i64 rstd_offset, i64 C, float eps, int centred)
{
    __global float* x = (__global float*)((__global u8*)x_base + x_offset);
    __global float* gamma_ = (__global float*)((__global u8*)gamma__base + gamma__offset);
    __global float* beta = (__global float*)((__global u8*)beta_base + beta_offset);
    __global float* y = (__global float*)((__global u8*)y_base + y_offset);
    __global float* mean = (__global float*)((__global u8*)mean_base + mean_offset);
    __global float* rstd = (__global float*)((__global u8*)rstd_base + rstd_offset);
    ENG_SCRATCH(s_);
    __global float* xr = x + ((i64)eng_block() * C);
    __global float* yr = y + ((i64)eng_block() * C);
    Moments m = centred ? Moments_Of_float_Float32Element(xr, C, eps, s_) : Moments_Uncentred_float_Float32Element(xr, C, eps, s_);
    for (i64 c = eng_lane(); c < C; c += LANES)
    {
        float xhat = (Float32Element_Load_float(xr[c]) - m.Mean) * m.Rstd;
        float scaled = gamma_ != 0 ? gamma_[c] * xhat : xhat;
        yr[c] = Float32Element_Store_float(beta != 0 ? scaled + beta[c] : scaled);
    }
    if (eng_lane() == 0 && mean != 0)
    {
        mean[eng_block()] = m.Mean;
        rstd[eng_block()] = m.Rstd;
    }
}
