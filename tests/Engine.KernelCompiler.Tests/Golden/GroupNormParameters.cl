// GroupNormParameters

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

static inline __attribute__((always_inline)) void Result_Write(__global float* y, float value, bool accumulate)
{
    if (eng_lane() == 0 && y != 0)
    {
        y[eng_block()] = accumulate ? y[eng_block()] + value : value;
    }
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void GroupNormParameters(__global float* x_base, i64 x_offset, __global float* dY_base, i64 dY_offset, __global float* mean_base, i64 mean_offset, __global float* rstd_base, i64 rstd_offset, __global float* dGamma_base, i64 dGamma_offset, __global float* dBeta_base, i64 dBeta_offset, i64 B, i64 C, i64 D, i64 S, int addGamma, int addBeta)
{
    __global float* x = (__global float*)((__global u8*)x_base + x_offset);
    __global float* dY = (__global float*)((__global u8*)dY_base + dY_offset);
    __global float* mean = (__global float*)((__global u8*)mean_base + mean_offset);
    __global float* rstd = (__global float*)((__global u8*)rstd_base + rstd_offset);
    __global float* dGamma = (__global float*)((__global u8*)dGamma_base + dGamma_offset);
    __global float* dBeta = (__global float*)((__global u8*)dBeta_base + dBeta_offset);
    ENG_SCRATCH(s_);
    Plane mine = Plane_Share(B, S);
    float sum = 0.0f;
    float sumX = 0.0f;
    for (i64 i = mine.FirstRow; i < B; i += mine.RowStep)
    {
        i64 row = (i * C) + eng_block();
        __global float* xr = x + ((i64)row * S);
        __global float* dYr = dY + ((i64)row * S);
        float mu = mean[row / D];
        float r = rstd[row / D];
        for (i64 s = mine.First; s < S; s += mine.Step)
        {
            sum += dYr[s];
            sumX += dYr[s] * (xr[s] - mu) * r;
        }
    }
    sum = eng_block_sum(s_, sum);
    sumX = eng_block_sum(s_, sumX);
    Result_Write(dGamma, sumX, addGamma);
    Result_Write(dBeta, sum, addBeta);
}
