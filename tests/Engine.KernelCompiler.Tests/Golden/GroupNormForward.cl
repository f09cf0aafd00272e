// GroupNormForward

typedef struct
{
    float Mean;
    float Rstd;
} Moments;

static inline __attribute__((always_inline)) float Float32Element_Load_float(float stored)
{
    return stored;
}

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

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void GroupNormForward(__global float* x_base, i64 x_offset, __global float* gamma__base, i64 gamma__offset, __global float* beta_base, i64 beta_offset, __global float* y_base, i64 y_offset, __global float* mean_base, i64 mean_offset, __global float* rstd_base, i64 rstd_offset, i64 G, i64 D, i64 S, float eps)
{
    __global float* x = (__global float*)((__global u8*)x_base + x_offset);
    __global float* gamma_ = (__global float*)((__global u8*)gamma__base + gamma__offset);
    __global float* beta = (__global float*)((__global u8*)beta_base + beta_offset);
    __global float* y = (__global float*)((__global u8*)y_base + y_offset);
    __global float* mean = (__global float*)((__global u8*)mean_base + mean_offset);
    __global float* rstd = (__global float*)((__global u8*)rstd_base + rstd_offset);
    ENG_SCRATCH(s_);
    Moments m = Moments_Of_float_Float32Element(x + ((i64)eng_block() * (D * S)), D * S, eps, s_);
    Plane mine = Plane_Share(D, S);
    for (i64 d = mine.FirstRow; d < D; d += mine.RowStep)
    {
        i64 c = (eng_block() % G * D) + d;
        float scale = gamma_ != 0 ? gamma_[c] * m.Rstd : m.Rstd;
        float shift = beta != 0 ? beta[c] : 0.0f;
        __global float* xr = x + ((i64)((eng_block() * D) + d) * S);
        __global float* yr = y + ((i64)((eng_block() * D) + d) * S);
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
