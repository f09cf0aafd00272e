// L2NormalizeForward

extern "C" __global__ void __launch_bounds__(LANES) L2NormalizeForward(float* x, float* y, float* norm, i64 n, i64 inner, float eps)
{
    ENG_SCRATCH(s_);
    i64 start = (eng_block() / inner * n * inner) + (eng_block() % inner);
    float q = 0.0f;
    for (i64 i = eng_lane(); i < n; i += LANES)
    {
        float v = x[start + (i * inner)];
        q += v * v;
    }
    float length_ = sqrtf(eng_block_sum(s_, q));
    float divisor = eng_max(length_, eps);
    for (i64 i = eng_lane(); i < n; i += LANES)
    {
        y[start + (i * inner)] = x[start + (i * inner)] / divisor;
    }
    if (eng_lane() == 0)
    {
        norm[eng_block()] = length_;
    }
}
