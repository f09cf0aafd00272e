// GroupNormForward

typedef struct
{
    float Mean;
    float Rstd;
} Moments;

static __device__ __forceinline__ float Float32Element_Load_float(float stored)
{
    return stored;
}

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

typedef struct
{
    i64 FirstRow;
    i64 RowStep;
    i64 First;
    i64 Step;
} Plane;

static __device__ __forceinline__ Plane Plane_new(i64 FirstRow, i64 RowStep, i64 First, i64 Step)
{
    Plane self;
    self.FirstRow = FirstRow;
    self.RowStep = RowStep;
    self.First = First;
    self.Step = Step;
    return self;
}

static __device__ __forceinline__ Plane Plane_Share(i64 rows, i64 width)
{
    i64 across = eng_max_i64(1LL, eng_min_i64(width, LANES));
    i64 down = LANES / across;
    bool works = eng_lane() < across * down;
    return Plane_new(works ? eng_lane() / across : rows, down, eng_lane() % across, across);
}

extern "C" __global__ void __launch_bounds__(LANES) GroupNormForward(float* x, float* gamma_, float* beta, float* y, float* mean, float* rstd, i64 G, i64 D, i64 S, float eps)
{
    ENG_SCRATCH(s_);
    Moments m = Moments_Of_float_Float32Element(x + ((i64)eng_block() * (D * S)), D * S, eps, s_);
    Plane mine = Plane_Share(D, S);
    for (i64 d = mine.FirstRow; d < D; d += mine.RowStep)
    {
        i64 c = (eng_block() % G * D) + d;
        float scale = gamma_ != 0 ? gamma_[c] * m.Rstd : m.Rstd;
        float shift = beta != 0 ? beta[c] : 0.0f;
        float* xr = x + ((i64)((eng_block() * D) + d) * S);
        float* yr = y + ((i64)((eng_block() * D) + d) * S);
        for (i64 s = mine.First; s < S; s += mine.Step)
        {
            yr[s] = ((xr[s] - m.Mean) * scale) + shift;
        }
    }
    if (eng_lane() == 0 && mean != 0)
    {
        mean[eng_block()] = m.Mean;
        rstd[eng_block()] = m.Rstd;
    }
}
