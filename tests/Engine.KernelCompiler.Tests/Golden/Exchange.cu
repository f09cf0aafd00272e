// Exchange

extern "C" __global__ void __launch_bounds__(LANES) Exchange(float* x, float* y, i64 n)
{
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        float t = x[i];
        x[i] = y[i];
        y[i] = t;
    }
}
