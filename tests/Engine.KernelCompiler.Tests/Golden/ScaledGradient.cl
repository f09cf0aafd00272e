// ScaledGradient<Single, Float32Element>

static inline __attribute__((always_inline)) float Float32Element_Load_float(float stored)
{
    return stored;
}

static inline __attribute__((always_inline)) float Float32Element_Store_float(float value)
{
    return value;
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void ScaledGradient(__global float* x_base, i64 x_offset, __global float* dLoss_base, i64 dLoss_offset, __global float* scale_base, i64 scale_offset, __global float* y_base, i64 y_offset, i64 n, int accumulate)
{
    __global float* x = (__global float*)((__global u8*)x_base + x_offset);
    __global float* dLoss = (__global float*)((__global u8*)dLoss_base + dLoss_offset);
    __global float* scale = (__global float*)((__global u8*)scale_base + scale_offset);
    __global float* y = (__global float*)((__global u8*)y_base + y_offset);
    float s = dLoss[0L] * scale[0L];
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        float v = s * Float32Element_Load_float(x[i]);
        y[i] = Float32Element_Store_float(accumulate ? Float32Element_Load_float(y[i]) + v : v);
    }
}
