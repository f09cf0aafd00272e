// CrossEntropyBackward<Single, Float32Element>

static inline __attribute__((always_inline)) float Float32Element_Load_float(float stored)
{
    return stored;
}

static inline __attribute__((always_inline)) float Float32Element_Store_float(float value)
{
    return value;
}

static inline __attribute__((always_inline)) float ClassWeight_Of(__global float* weights, int t, i64 V)
{
    float w = ENG_NAN;
    if (t >= 0 && t < V)
    {
        w = weights != 0 ? weights[t] : 1.0f;
    }
    return w;
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void CrossEntropyBackward(__global float* x_base, i64 x_offset, __global int* targets_base, i64 targets_offset, __global float* weights_base, i64 weights_offset, __global float* lse_base, i64 lse_offset, __global float* dY_base, i64 dY_offset, __global float* scale_base, i64 scale_offset, __global float* dX_base, i64 dX_offset, i64 V, float smoothing, int ignore, int perRow)
{
    __global float* x = (__global float*)((__global u8*)x_base + x_offset);
    __global int* targets = (__global int*)((__global u8*)targets_base + targets_offset);
    __global float* weights = (__global float*)((__global u8*)weights_base + weights_offset);
    __global float* lse = (__global float*)((__global u8*)lse_base + lse_offset);
    __global float* dY = (__global float*)((__global u8*)dY_base + dY_offset);
    __global float* scale = (__global float*)((__global u8*)scale_base + scale_offset);
    __global float* dX = (__global float*)((__global u8*)dX_base + dX_offset);
    ENG_SCRATCH(s_);
    int t = targets[eng_block()];
    __global float* xr = x + ((i64)eng_block() * V);
    __global float* dXr = dX + ((i64)eng_block() * V);
    float sumW = 0.0f;
    if (smoothing > 0.0f)
    {
        for (i64 c = eng_lane(); c < V; c += LANES)
        {
            sumW += weights != 0 ? weights[c] : 1.0f;
        }
    }
    sumW = eng_block_sum(s_, sumW);
    float g = dY[perRow ? eng_block() : 0L] * (scale != 0 ? scale[0L] : 1.0f);
    float own = g * (1.0f - smoothing) * ClassWeight_Of(weights, t, V);
    float each = g * smoothing / V;
    float total = own + (each * sumW);
    for (i64 c = eng_lane(); c < V; c += LANES)
    {
        float w = weights != 0 ? weights[c] : 1.0f;
        float d = t == ignore ? 0.0f : (total * exp(Float32Element_Load_float(xr[c]) - lse[eng_block()])) - (each * w);
        dXr[c] = Float32Element_Store_float(c == t && t != ignore ? d - own : d);
    }
}
