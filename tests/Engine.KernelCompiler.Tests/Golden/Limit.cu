// Limit

extern "C" __global__ void __launch_bounds__(LANES) Limit(float* x, float limit, i64 n)
{
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        x[i] = eng_min(eng_max(x[i], -limit), limit);
    }
}
