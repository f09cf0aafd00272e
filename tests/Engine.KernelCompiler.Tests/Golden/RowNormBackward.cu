// RowNormBackward<Single, Float32Element>

static __device__ __forceinline__ float Float32Element_Load_float(float stored)
{
    return stored;
}

static __device__ __forceinline__ float Float32Element_Store_float(float value)
{
    return value;
}

static __device__ __forceinline__ void RowNormBackward_Row(i64 n, i64 C, float* x, float* dY, float* mean, float* rstd, float* gamma_, float* dGamma, float* dBeta, bool centred, float* dX, eng_scratch s_)
{
    float* xr = x + ((i64)n * C);
    float* dYr = dY + ((i64)n * C);
    float mu = mean[n];
    float r = rstd[n];
    float sumG = 0.0f;
    float sumGX = 0.0f;
    for (i64 c = eng_lane(); c < C; c += LANES)
    {
        float dy = Float32Element_Load_float(dYr[c]);
        float g = gamma_ != 0 ? gamma_[c] * dy : dy;
        float xhat = (Float32Element_Load_float(xr[c]) - mu) * r;
        sumG += g;
        sumGX += g * xhat;
        if (dGamma != 0)
        {
            dGamma[(eng_block() * C) + c] += dy * xhat;
        }
        if (dBeta != 0)
        {
            dBeta[(eng_block() * C) + c] += dy;
        }
    }
    float meanG = centred ? eng_block_sum(s_, sumG) / C : 0.0f;
    float meanGX = eng_block_sum(s_, sumGX) / C;
    if (dX != 0)
    {
        float* dXr = dX + ((i64)n * C);
        for (i64 c = eng_lane(); c < C; c += LANES)
        {
            float dy = Float32Element_Load_float(dYr[c]);
            float g = gamma_ != 0 ? gamma_[c] * dy : dy;
            dXr[c] = Float32Element_Store_float(r * (g - meanG - ((Float32Element_Load_float(xr[c]) - mu) * r * meanGX)));
        }
    }
}

extern "C" __global__ void __launch_bounds__(LANES) RowNormBackward(float* x, float* gamma_, float* dY, float* mean, float* rstd, float* dX, float* dGamma, float* dBeta, i64 N, i64 C, int centred)
{
    ENG_SCRATCH(s_);
    for (i64 c = eng_lane(); c < C; c += LANES)
    {
        if (dGamma != 0)
        {
            dGamma[(eng_block() * C) + c] = 0.0f;
        }
        if (dBeta != 0)
        {
            dBeta[(eng_block() * C) + c] = 0.0f;
        }
    }
    i64 end = eng_min_i64(N, (eng_block() + 1LL) * 32LL);
    for (i64 n = eng_block() * 32LL; n < end; n++)
    {
        RowNormBackward_Row(n, C, x, dY, mean, rstd, gamma_, dGamma, dBeta, centred, dX, s_);
    }
}
