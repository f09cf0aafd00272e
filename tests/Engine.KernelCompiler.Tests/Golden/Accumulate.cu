// Accumulate

extern "C" __global__ void __launch_bounds__(LANES) Accumulate(float* x, float* y, Layout from, Layout to, i64 n)
{
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        y[eng_layout_at(to, i)] += x[eng_layout_at(from, i)];
    }
}
