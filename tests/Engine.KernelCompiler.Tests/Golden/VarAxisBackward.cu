// VarAxisBackward

extern "C" __global__ void __launch_bounds__(LANES) VarAxisBackward(float* x, float* mean, float* dY, float* dX, i64 n, i64 inner, float scale)
{
    i64 start = (eng_block() / inner * n * inner) + (eng_block() % inner);
    float mu = mean[eng_block()];
    float g = 2.0f * scale * dY[eng_block()];
    for (i64 i = eng_lane(); i < n; i += LANES)
    {
        i64 at = start + (i * inner);
        dX[at] = g * (x[at] - mu);
    }
}
