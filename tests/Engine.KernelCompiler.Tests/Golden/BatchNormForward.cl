// BatchNormForward

typedef struct
{
    i64 FirstRow;
    i64 RowStep;
    i64 First;
    i64 Step;
} Plane;

static inline __attribute__((always_inline)) Plane Plane_new(i64 FirstRow, i64 RowStep, i64 First, i64 Step)
{
    Plane self;
    self.FirstRow = FirstRow;
    self.RowStep = RowStep;
    self.First = First;
    self.Step = Step;
    return self;
}

static inline __attribute__((always_inline)) Plane Plane_Share(i64 rows, i64 width)
{
    i64 across = eng_max_i64(1L, eng_min_i64(width, LANES));
    i64 down = LANES / across;
    bool works = eng_lane() < across * down;
    return Plane_new(works ? eng_lane() / across : rows, down, eng_lane() % across, across);
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

static inline __attribute__((always_inline)) Moments BatchNormForward_FromBatch(Plane mine, i64 B, i64 C, i64 S, __global float* x, bool moveRunning, __global float* runningMean, float momentum, __global float* runningVariance, float eps, eng_scratch s_)
{
    float sum = 0.0f;
    for (i64 i = mine.FirstRow; i < B; i += mine.RowStep)
    {
        __global float* xr = x + ((i64)((i * C) + eng_block()) * S);
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
        __global float* xr = x + ((i64)((i * C) + eng_block()) * S);
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
    return Moments_new(mu, rsqrt(variance + eps));
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void BatchNormForward(__global float* x_base, i64 x_offset, __global float* gamma__base, i64 gamma__offset, __global float* beta_base, i64 beta_offset, __global float* runningMean_base, i64 runningMean_offset, __global float* runningVariance_base, i64 runningVariance_offset, __global float* y_base, i64 y_offset, __global float* mean_base, i64 mean_offset, __global float* rstd_base, i64 rstd_offset, i64 B, i64 C, i64 S, float momentum, float eps, int moveRunning)
{
    __global float* x = (__global float*)((__global u8*)x_base + x_offset);
    __global float* gamma_ = (__global float*)((__global u8*)gamma__base + gamma__offset);
    __global float* beta = (__global float*)((__global u8*)beta_base + beta_offset);
    __global float* runningMean = (__global float*)((__global u8*)runningMean_base + runningMean_offset);
    __global float* runningVariance = (__global float*)((__global u8*)runningVariance_base + runningVariance_offset);
    __global float* y = (__global float*)((__global u8*)y_base + y_offset);
    __global float* mean = (__global float*)((__global u8*)mean_base + mean_offset);
    __global float* rstd = (__global float*)((__global u8*)rstd_base + rstd_offset);
    ENG_SCRATCH(s_);
    Plane mine = Plane_Share(B, S);
    Moments m = SPEC_training ? BatchNormForward_FromBatch(mine, B, C, S, x, moveRunning, runningMean, momentum, runningVariance, eps, s_) : Moments_new(runningMean[eng_block()], rsqrt(runningVariance[eng_block()] + eps));
    float scale = gamma_ != 0 ? gamma_[eng_block()] * m.Rstd : m.Rstd;
    float shift = beta != 0 ? beta[eng_block()] : 0.0f;
    for (i64 i = mine.FirstRow; i < B; i += mine.RowStep)
    {
        __global float* xr = x + ((i64)((i * C) + eng_block()) * S);
        __global float* yr = y + ((i64)((i * C) + eng_block()) * S);
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
