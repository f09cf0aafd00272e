// IndexSelectBackward

extern "C" __global__ void __launch_bounds__(LANES) IndexSelectBackward(float* dY, int* indices, float* dX, i64 n, i64 m, i64 outer, i64 inner)
{
    i64 low = eng_block() * 256LL;
    i64 high = eng_min_i64(outer * inner, low + 256LL);
    for (i64 j = 0LL; j < m; j++)
    {
        i64 to = indices[j];
        if (to >= 0LL && to < n)
        {
            for (i64 column = low + eng_lane(); column < high; column += LANES)
            {
                i64 o = column / inner;
                i64 i = column - (o * inner);
                dX[(((o * n) + to) * inner) + i] += dY[(((o * m) + j) * inner) + i];
            }
        }
    }
}
