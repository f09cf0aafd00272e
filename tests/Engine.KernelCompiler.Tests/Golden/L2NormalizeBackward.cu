// L2NormalizeBackward

extern "C" __global__ void __launch_bounds__(LANES) L2NormalizeBackward(float* y, float* norm, float* dY, float* dX, i64 n, i64 inner, float eps)
{
    ENG_SCRATCH(s_);
    i64 start = (eng_block() / inner * n * inner) + (eng_block() % inner);
    float s = 0.0f;
    for (i64 i = eng_lane(); i < n; i += LANES)
    {
        s += y[start + (i * inner)] * dY[start + (i * inner)];
    }
    s = eng_block_sum(s_, s);
    float length_ = norm[eng_block()];
    float along = length_ >= eps ? s : 0.0f;
    float divisor = eng_max(length_, eps);
    for (i64 i = eng_lane(); i < n; i += LANES)
    {
        i64 at = start + (i * inner);
        dX[at] = (dY[at] - (y[at] * along)) / divisor;
    }
}
