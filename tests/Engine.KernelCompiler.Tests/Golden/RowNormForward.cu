// RowNormForward<Single, Float32Element>

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
    float Mean;
    float Rstd;
} Moments;

static __device__ __forceinline__ Moments Moments_new(float Mean, float Rstd)
{
    Moments self;
    self.Mean = Mean;
    self.Rstd = Rstd;
    return self;
}

static __device__ __forceinline__ Moments Moments_Of_float_Float32Element(float* x, i64 n, float eps, eng_scratch s_)
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
    return Moments_new(mu + shift, rsqrtf(variance + eps));
}

static __device__ __forceinline__ Moments Moments_Uncentred_float_Float32Element(float* x, i64 n, float eps, eng_scratch s_)
{
    float q = 0.0f;
    for (i64 i = eng_lane(); i < n; i += LANES)
    {
        float v = Float32Element_Load_float(x[i]);
        q += v * v;
    }
    return Moments_new(0.0f, rsqrtf((eng_block_sum(s_, q) / n) + eps));
}

extern "C" __global__ void __launch_bounds__(LANES) RowNormForward(float* x, float* gamma_, float* beta, float* y, float* mean, float* rstd, i64 C, float eps, int centred)
{
    ENG_SCRATCH(s_);
    float* xr = x + ((i64)eng_block() * C);
    float* yr = y + ((i64)eng_block() * C);
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
