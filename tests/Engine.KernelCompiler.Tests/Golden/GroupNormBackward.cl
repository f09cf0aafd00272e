// GroupNormBackward

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

static inline __attribute__((always_inline)) float GroupNormBackward_Gain(i64 d, __global float* gamma_, i64 G, i64 D)
{
    return gamma_ != 0 ? gamma_[(eng_block() % G * D) + d] : 1.0f;
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void GroupNormBackward(__global float* x_base, i64 x_offset, __global float* gamma__base, i64 gamma__offset, __global float* dY_base, i64 dY_offset, __global float* mean_base, i64 mean_offset, __global float* rstd_base, i64 rstd_offset, __global float* dX_base, i64 dX_offset, i64 G, i64 D, i64 S)
{
    __global float* x = (__global float*)((__global u8*)x_base + x_offset);
    __global float* gamma_ = (__global float*)((__global u8*)gamma__base + gamma__offset);
    __global float* dY = (__global float*)((__global u8*)dY_base + dY_offset);
    __global float* mean = (__global float*)((__global u8*)mean_base + mean_offset);
    __global float* rstd = (__global float*)((__global u8*)rstd_base + rstd_offset);
    __global float* dX = (__global float*)((__global u8*)dX_base + dX_offset);
    ENG_SCRATCH(s_);
    Plane mine = Plane_Share(D, S);
    float mu = mean[eng_block()];
    float r = rstd[eng_block()];
    float sumG = 0.0f;
    float sumGX = 0.0f;
    for (i64 d = mine.FirstRow; d < D; d += mine.RowStep)
    {
        __global float* xr = x + ((i64)((eng_block() * D) + d) * S);
        __global float* dYr = dY + ((i64)((eng_block() * D) + d) * S);
        float gain = GroupNormBackward_Gain(d, gamma_, G, D);
        for (i64 s = mine.First; s < S; s += mine.Step)
        {
            sumG += gain * dYr[s];
            sumGX += gain * dYr[s] * (xr[s] - mu) * r;
        }
    }
    float meanG = eng_block_sum(s_, sumG) / (D * S);
    float meanGX = eng_block_sum(s_, sumGX) / (D * S);
    for (i64 d = mine.FirstRow; d < D; d += mine.RowStep)
    {
        __global float* xr = x + ((i64)((eng_block() * D) + d) * S);
        __global float* dYr = dY + ((i64)((eng_block() * D) + d) * S);
        __global float* dXr = dX + ((i64)((eng_block() * D) + d) * S);
        float gain = GroupNormBackward_Gain(d, gamma_, G, D);
        for (i64 s = mine.First; s < S; s += mine.Step)
        {
            dXr[s] = r * ((gain * dYr[s]) - meanG - ((xr[s] - mu) * r * meanGX));
        }
    }
}
