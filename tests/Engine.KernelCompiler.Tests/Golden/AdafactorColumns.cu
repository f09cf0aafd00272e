// AdafactorColumns

static __device__ __forceinline__ float GradientFactor_Of(float* clip, float gradScale)
{
    return clip != 0 ? gradScale * clip[0LL] : gradScale;
}

extern "C" __global__ void __launch_bounds__(LANES) AdafactorColumns(float* g, float* partial, float* clip, float gradScale, i64 N, i64 M, i64 chunk)
{
    float factor = GradientFactor_Of(clip, gradScale);
    i64 groups = (M + 64LL - 1LL) / 64LL;
    i64 part = eng_block() / groups;
    i64 left = eng_block() % groups * 64LL;
    i64 right = left + 64LL < M ? left + 64LL : M;
    i64 end = (part + 1LL) * chunk < N ? (part + 1LL) * chunk : N;
    for (i64 j = left + eng_lane(); j < right; j += LANES)
    {
        float s = 0.0f;
        for (i64 i = part * chunk; i < end; i++)
        {
            float d = factor * g[(i * M) + j];
            s += d * d;
        }
        partial[(part * M) + j] = s;
    }
}
