// GroupNormBackward

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

static __device__ __forceinline__ float GroupNormBackward_Gain(i64 d, float* gamma_, i64 G, i64 D)
{
    return gamma_ != 0 ? gamma_[(eng_block() % G * D) + d] : 1.0f;
}

extern "C" __global__ void __launch_bounds__(LANES) GroupNormBackward(float* x, float* gamma_, float* dY, float* mean, float* rstd, float* dX, i64 G, i64 D, i64 S)
{
    ENG_SCRATCH(s_);
    Plane mine = Plane_Share(D, S);
    float mu = mean[eng_block()];
    float r = rstd[eng_block()];
    float sumG = 0.0f;
    float sumGX = 0.0f;
    for (i64 d = mine.FirstRow; d < D; d += mine.RowStep)
    {
        float* xr = x + ((i64)((eng_block() * D) + d) * S);
        float* dYr = dY + ((i64)((eng_block() * D) + d) * S);
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
        float* xr = x + ((i64)((eng_block() * D) + d) * S);
        float* dYr = dY + ((i64)((eng_block() * D) + d) * S);
        float* dXr = dX + ((i64)((eng_block() * D) + d) * S);
        float gain = GroupNormBackward_Gain(d, gamma_, G, D);
        for (i64 s = mine.First; s < S; s += mine.Step)
        {
            dXr[s] = r * ((gain * dYr[s]) - meanG - ((xr[s] - mu) * r * meanGX));
        }
    }
}
