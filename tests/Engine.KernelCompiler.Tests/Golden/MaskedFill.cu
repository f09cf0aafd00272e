// MaskedFill

extern "C" __global__ void __launch_bounds__(LANES) MaskedFill(float* x, int* mask, float* y, Layout lm, float value, int when, i64 n)
{
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        y[i] = (mask[eng_layout_at(lm, i)] != 0) == (when != 0) ? value : x[i];
    }
}
