// AdafactorColumnMoments

extern "C" __global__ void __launch_bounds__(LANES) AdafactorColumnMoments(float* partial, float* c, float eps, float oneMinusBeta, i64 chunks, i64 N, i64 M)
{
    i64 end = eng_end(M);
    for (i64 j = eng_start(); j < end; j += LANES)
    {
        float s = 0.0f;
        for (i64 part = 0LL; part < chunks; part++)
        {
            s += partial[(part * M) + j];
        }
        c[j] += oneMinusBeta * ((s / N) + eps - c[j]);
    }
}
