// CrossEntropyBackward<Single, Float32Element>

static __device__ __forceinline__ float Float32Element_Load_float(float stored)
{
    return stored;
}

static __device__ __forceinline__ float Float32Element_Store_float(float value)
{
    return value;
}

static __device__ __forceinline__ float ClassWeight_Of(float* weights, int t, i64 V)
{
    float w = ENG_NAN;
    if (t >= 0 && t < V)
    {
        w = weights != 0 ? weights[t] : 1.0f;
    }
    return w;
}

extern "C" __global__ void __launch_bounds__(LANES) CrossEntropyBackward(float* x, int* targets, float* weights, float* lse, float* dY, float* scale, float* dX, i64 V, float smoothing, int ignore, int perRow)
{
    ENG_SCRATCH(s_);
    int t = targets[eng_block()];
    float* xr = x + ((i64)eng_block() * V);
    float* dXr = dX + ((i64)eng_block() * V);
    float sumW = 0.0f;
    if (smoothing > 0.0f)
    {
        for (i64 c = eng_lane(); c < V; c += LANES)
        {
            sumW += weights != 0 ? weights[c] : 1.0f;
        }
    }
    sumW = eng_block_sum(s_, sumW);
    float g = dY[perRow ? eng_block() : 0LL] * (scale != 0 ? scale[0LL] : 1.0f);
    float own = g * (1.0f - smoothing) * ClassWeight_Of(weights, t, V);
    float each = g * smoothing / V;
    float total = own + (each * sumW);
    for (i64 c = eng_lane(); c < V; c += LANES)
    {
        float w = weights != 0 ? weights[c] : 1.0f;
        float d = t == ignore ? 0.0f : (total * expf(Float32Element_Load_float(xr[c]) - lse[eng_block()])) - (each * w);
        dXr[c] = Float32Element_Store_float(c == t && t != ignore ? d - own : d);
    }
}
