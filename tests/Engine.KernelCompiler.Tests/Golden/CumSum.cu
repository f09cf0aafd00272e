// CumSum

extern "C" __global__ void __launch_bounds__(LANES) CumSum(float* x, float* y, i64 n, i64 inner, int direction)
{
    ENG_SCRATCH(s_);
    i64 start = (eng_block() / inner * n * inner) + (eng_block() % inner);
    i64 first = direction < 0 ? start + ((n - 1LL) * inner) : start;
    i64 step_ = direction * inner;
    i64 part = (n + LANES - 1LL) / LANES;
    i64 low = eng_min_i64(n, eng_lane() * part);
    i64 high = eng_min_i64(n, low + part);
    float s = 0.0f;
    for (i64 i = low; i < high; i++)
    {
        s += x[first + (i * step_)];
    }
    s = eng_block_sum_below(s_, s);
    for (i64 i = low; i < high; i++)
    {
        s += x[first + (i * step_)];
        y[first + (i * step_)] = s;
    }
}
