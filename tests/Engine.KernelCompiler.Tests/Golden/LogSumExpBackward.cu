// LogSumExpBackward

extern "C" __global__ void __launch_bounds__(LANES) LogSumExpBackward(float* x, float* y, float* dY, float* dX, i64 n, i64 inner)
{
    i64 start = (eng_block() / inner * n * inner) + (eng_block() % inner);
    float l = y[eng_block()];
    float g = dY[eng_block()];
    for (i64 i = eng_lane(); i < n; i += LANES)
    {
        i64 at = start + (i * inner);
        dX[at] = ((l) == -ENG_INFINITY) ? 0.0f : g * expf(x[at] - l);
    }
}
