// GatherBackward

extern "C" __global__ void __launch_bounds__(LANES) GatherBackward(float* dY, int* indices, float* dX, i64 n, i64 m, i64 inner)
{
    i64 o = eng_block() / inner;
    i64 i = eng_block() % inner;
    for (i64 r = eng_lane(); r < n; r += LANES)
    {
        dX[(((o * n) + r) * inner) + i] = 0.0f;
    }
    for (i64 j = 0LL; j < m; j++)
    {
        i64 at = (((o * m) + j) * inner) + i;
        i64 to = indices[at];
        if (to >= 0LL && to < n && to % LANES == eng_lane())
        {
            dX[(((o * n) + to) * inner) + i] += dY[at];
        }
    }
}
