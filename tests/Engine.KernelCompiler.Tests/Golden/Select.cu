// Select

extern "C" __global__ void __launch_bounds__(LANES) Select(int* mask, float* u, float* v, float* y, Layout lm, Layout lu, Layout lv, i64 n)
{
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        y[i] = mask[eng_layout_at(lm, i)] != 0 ? u[eng_layout_at(lu, i)] : v[eng_layout_at(lv, i)];
    }
}
