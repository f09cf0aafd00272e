// GroupNormParameters

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

static __device__ __forceinline__ void Result_Write(float* y, float value, bool accumulate)
{
    if (eng_lane() == 0 && y != 0)
    {
        y[eng_block()] = accumulate ? y[eng_block()] + value : value;
    }
}

extern "C" __global__ void __launch_bounds__(LANES) GroupNormParameters(float* x, float* dY, float* mean, float* rstd, float* dGamma, float* dBeta, i64 B, i64 C, i64 D, i64 S, int addGamma, int addBeta)
{
    ENG_SCRATCH(s_);
    Plane mine = Plane_Share(B, S);
    float sum = 0.0f;
    float sumX = 0.0f;
    for (i64 i = mine.FirstRow; i < B; i += mine.RowStep)
    {
        i64 row = (i * C) + eng_block();
        float* xr = x + ((i64)row * S);
        float* dYr = dY + ((i64)row * S);
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
