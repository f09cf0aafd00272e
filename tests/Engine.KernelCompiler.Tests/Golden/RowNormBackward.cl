// RowNormBackward<Single, Float32Element>

static inline __attribute__((always_inline)) float Float32Element_Load_float(float stored)
{
    return stored;
}

static inline __attribute__((always_inline)) float Float32Element_Store_float(float value)
{
    return value;
}

static inline __attribute__((always_inline)) void RowNormBackward_Row(i64 n, i64 C, __global float* x, __global float* dY, __global float* mean, __global float* rstd, __global float* gamma_, __global float* dGamma, __global float* dBeta, bool centred, __global float* dX, eng_scratch s_)
{
    __global float* xr = x + ((i64)n * C);
    __global float* dYr = dY + ((i64)n * C);
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
        __global float* dXr = dX + ((i64)n * C);
        for (i64 c = eng_lane(); c < C; c += LANES)
        {
            float dy = Float32Element_Load_float(dYr[c]);
            float g = gamma_ != 0 ? gamma_[c] * dy : dy;
            dXr[c] = Float32Element_Store_float(r * (g - meanG - ((Float32Element_Load_float(xr[c]) - mu) * r * meanGX)));
        }
    }
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void RowNormBackward(__global float* x_base, i64 x_offset, __global float* gamma__base, i64 gamma__offset, __global float* dY_base, i64 dY_offset, __global float* mean_base, i64 mean_offset, __global float* rstd_base, i64 rstd_offset, __global float* dX_base, i64 dX_offset, __global float* dGamma_base, i64 dGamma_offset, __global float* dBeta_base, i64 dBeta_offset, i64 N, i64 C, int centred)
{
    __global float* x = (__global float*)((__global u8*)x_base + x_offset);
    __global float* gamma_ = (__global float*)((__global u8*)gamma__base + gamma__offset);
    __global float* dY = (__global float*)((__global u8*)dY_base + dY_offset);
    __global float* mean = (__global float*)((__global u8*)mean_base + mean_offset);
    __global float* rstd = (__global float*)((__global u8*)rstd_base + rstd_offset);
    __global float* dX = (__global float*)((__global u8*)dX_base + dX_offset);
    __global float* dGamma = (__global float*)((__global u8*)dGamma_base + dGamma_offset);
    __global float* dBeta = (__global float*)((__global u8*)dBeta_base + dBeta_offset);
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
    i64 end = eng_min_i64(N, (eng_block() + 1L) * 32L);
    for (i64 n = eng_block() * 32L; n < end; n++)
    {
        RowNormBackward_Row(n, C, x, dY, mean, rstd, gamma_, dGamma, dBeta, centred, dX, s_);
    }
}
