// SumOfSquares

extern "C" __global__ void __launch_bounds__(LANES) SumOfSquares(float* x, float* partial, i64 at, i64 n)
{
    ENG_SCRATCH(s_);
    i64 end = eng_end(n);
    float s = 0.0f;
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        s += x[i] * x[i];
    }
    s = eng_block_sum(s_, s);
    if (eng_lane() == 0)
    {
        partial[at + eng_block()] = s;
    }
}
