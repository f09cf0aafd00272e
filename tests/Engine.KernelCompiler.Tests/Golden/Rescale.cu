// Rescale

extern "C" __global__ void __launch_bounds__(LANES) Rescale(float* x, float* factor, i64 n)
{
    float f = factor[0LL];
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        x[i] *= f;
    }
}
