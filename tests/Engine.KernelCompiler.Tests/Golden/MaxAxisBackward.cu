// MaxAxisBackward

extern "C" __global__ void __launch_bounds__(LANES) MaxAxisBackward(float* dY, int* index, float* dX, int n, i64 inner)
{
    i64 start = (eng_block() / inner * n * inner) + (eng_block() % inner);
    float g = dY[eng_block()];
    int first = index[eng_block()];
    for (int i = eng_lane(); i < n; i += LANES)
    {
        dX[start + (i * inner)] = i == first ? g : 0.0f;
    }
}
