// SoftmaxBackward

extern "C" __global__ void __launch_bounds__(LANES) SoftmaxBackward(float* y, float* dY, float* dX, i64 n, i64 inner, int log_)
{
    ENG_SCRATCH(s_);
    i64 start = (eng_block() / inner * n * inner) + (eng_block() % inner);
    float s = 0.0f;
    for (i64 i = eng_lane(); i < n; i += LANES)
    {
        i64 at = start + (i * inner);
        s += log_ ? dY[at] : y[at] * dY[at];
    }
    s = eng_block_sum(s_, s);
    for (i64 i = eng_lane(); i < n; i += LANES)
    {
        i64 at = start + (i * inner);
        dX[at] = log_ ? dY[at] - (expf(y[at]) * s) : y[at] * (dY[at] - s);
    }
}
