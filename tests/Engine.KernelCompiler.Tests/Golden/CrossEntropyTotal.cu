// CrossEntropyTotal

static __device__ __forceinline__ float ClassWeight_Of(float* weights, int t, i64 V)
{
    float w = ENG_NAN;
    if (t >= 0 && t < V)
    {
        w = weights != 0 ? weights[t] : 1.0f;
    }
    return w;
}

static __device__ __forceinline__ float Partials_Sum(float* x, i64 n, eng_scratch s_)
{
    float total = 0.0f;
    for (i64 start = eng_lane(); start < n; start += 256LL * LANES)
    {
        i64 end = start + (256LL * LANES);
        float s = 0.0f;
        for (i64 i = start; i < end && i < n; i += LANES)
        {
            s += x[i];
        }
        total += s;
    }
    return eng_block_sum(s_, total);
}

extern "C" __global__ void __launch_bounds__(LANES) CrossEntropyTotal(float* loss, int* targets, float* weights, float* total, float* scale, i64 N, i64 V, int ignore, int mean)
{
    ENG_SCRATCH(s_);
    float count = 0.0f;
    for (i64 n = eng_lane(); n < N; n += LANES)
    {
        count += targets[n] == ignore ? 0.0f : ClassWeight_Of(weights, targets[n], V);
    }
    count = eng_block_sum(s_, count);
    float sum = Partials_Sum(loss, N, s_);
    if (eng_lane() == 0)
    {
        total[0LL] = mean ? sum / count : sum;
        scale[0LL] = !mean ? 1.0f : count == 0.0f ? 0.0f : 1.0f / count;
    }
}
