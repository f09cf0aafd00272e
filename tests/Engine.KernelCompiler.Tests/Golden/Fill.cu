// Fill<Single>

extern "C" __global__ void __launch_bounds__(LANES) Fill(float* y, float value, i64 n)
{
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        y[i] = value;
    }
}
