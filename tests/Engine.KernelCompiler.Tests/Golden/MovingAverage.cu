// MovingAverage

extern "C" __global__ void __launch_bounds__(LANES) MovingAverage(float* e, float* x, float oneMinusDecay, i64 n)
{
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        e[i] += oneMinusDecay * (x[i] - e[i]);
    }
}
