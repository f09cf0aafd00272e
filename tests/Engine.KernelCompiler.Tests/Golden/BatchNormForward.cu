// BatchNormForward

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

static __device__ __forceinline__ Moments BatchNormForward_FromBatch(Plane mine, i64 B, i64 C, i64 S, float* x, bool moveRunning, float* runningMean, float momentum, float* runningVariance, float eps, eng_scratch s_)
{
    float sum = 0.0f;
    for (i64 i = mine.FirstRow; i < B; i += mine.RowStep)
    {
        float* xr = x + ((i64)((i * C) + eng_block()) * S);
        for (i64 s = mine.First; s < S; s += mine.Step)
        {
            sum += xr[s];
        }
    }
    float n = B * S;
    float mu = eng_block_sum(s_, sum) / n;
    float q = 0.0f;
    float e = 0.0f;
    for (i64 i = mine.FirstRow; i < B; i += mine.RowStep)
    {
        float* xr = x + ((i64)((i * C) + eng_block()) * S);
        for (i64 s = mine.First; s < S; s += mine.Step)
        {
            float d = xr[s] - mu;
            q += d * d;
            e += d;
        }
    }
    float rest = eng_block_sum(s_, e) / n;
    float variance = (eng_block_sum(s_, q) / n) - (rest * rest);
    mu += rest;
    if (eng_lane() == 0 && moveRunning)
    {
        runningMean[eng_block()] += momentum * (mu - runningMean[eng_block()]);
        runningVariance[eng_block()] += momentum * ((variance * n / (n - 1.0f)) - runningVariance[eng_block()]);
    }
    return Moments_new(mu, rsqrtf(variance + eps));
}

extern "C" __global__ void __launch_bounds__(LANES) BatchNormForward(float* x, float* gamma_, float* beta, float* runningMean, float* runningVariance, float* y, float* mean, float* rstd, i64 B, i64 C, i64 S, float momentum, float eps, int moveRunning)
{
    ENG_SCRATCH(s_);
    Plane mine = Plane_Share(B, S);
    Moments m = SPEC_training ? BatchNormForward_FromBatch(mine, B, C, S, x, moveRunning, runningMean, momentum, runningVariance, eps, s_) : Moments_new(runningMean[eng_block()], rsqrtf(runningVariance[eng_block()] + eps));
    float scale = gamma_ != 0 ? gamma_[eng_block()] * m.Rstd : m.Rstd;
    float shift = beta != 0 ? beta[eng_block()] : 0.0f;
    for (i64 i = mine.FirstRow; i < B; i += mine.RowStep)
    {
        float* xr = x + ((i64)((i * C) + eng_block()) * S);
        float* yr = y + ((i64)((i * C) + eng_block()) * S);
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
