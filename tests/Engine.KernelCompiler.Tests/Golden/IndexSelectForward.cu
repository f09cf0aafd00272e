// IndexSelectForward

extern "C" __global__ void __launch_bounds__(LANES) IndexSelectForward(float* x, int* indices, float* y, i64 n, i64 m, i64 inner)
{
    i64 from = indices[eng_block() % m];
    i64 row = (eng_block() / m * n) + from;
    bool inside = from >= 0LL && from < n;
    for (i64 i = eng_lane(); i < inner; i += LANES)
    {
        y[(eng_block() * inner) + i] = inside ? x[(row * inner) + i] : ENG_NAN;
    }
}
