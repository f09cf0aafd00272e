// MultiplyAdds

extern "C" __global__ void __launch_bounds__(LANES) MultiplyAdds(float* x, float* y, float a, float c, int rounds, i64 n)
{
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        float v = x[i];
        for (int round_ = 0; round_ < rounds; round_++)
        {
            v = fmaf(a, v, c);
        }
        y[i] = v;
    }
}
