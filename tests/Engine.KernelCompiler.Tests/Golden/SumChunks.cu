// SumChunks

extern "C" __global__ void __launch_bounds__(LANES) SumChunks(float* partial, float* y, i64 chunks, i64 n, int accumulate)
{
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        float s = 0.0f;
        for (i64 chunk = 0LL; chunk < chunks; chunk++)
        {
            s += partial[(chunk * n) + i];
        }
        y[i] = accumulate ? y[i] + s : s;
    }
}
