// GatherForward

extern "C" __global__ void __launch_bounds__(LANES) GatherForward(float* x, int* indices, float* y, i64 n, i64 m, i64 inner, i64 count)
{
    i64 end = eng_end(count);
    for (i64 e = eng_start(); e < end; e += LANES)
    {
        i64 from = indices[e];
        i64 o = e / (m * inner);
        y[e] = from >= 0LL && from < n ? x[(((o * n) + from) * inner) + (e % inner)] : ENG_NAN;
    }
}
