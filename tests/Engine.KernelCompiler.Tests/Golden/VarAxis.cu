// VarAxis

extern "C" __global__ void __launch_bounds__(LANES) VarAxis(float* x, float* y, float* mean, i64 n, i64 inner, float scale)
{
    ENG_SCRATCH(s_);
    i64 start = (eng_block() / inner * n * inner) + (eng_block() % inner);
    float s = 0.0f;
    for (i64 i = eng_lane(); i < n; i += LANES)
    {
        s += x[start + (i * inner)];
    }
    float mu = eng_block_sum(s_, s) / n;
    float q = 0.0f;
    for (i64 i = eng_lane(); i < n; i += LANES)
    {
        float d = x[start + (i * inner)] - mu;
        q += d * d;
    }
    q = eng_block_sum(s_, q);
    if (eng_lane() == 0)
    {
        y[eng_block()] = scale * q;
        mean[eng_block()] = mu;
    }
}
