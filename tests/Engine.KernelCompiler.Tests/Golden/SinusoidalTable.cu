// SinusoidalTable

extern "C" __global__ void __launch_bounds__(LANES) SinusoidalTable(float* y, int D, float theta)
{
    float* row = y + ((i64)eng_block() * D);
    for (int c = eng_lane(); c < D; c += LANES)
    {
        float angle = eng_block() / powf(theta, (float)(c - (c % 2)) / D);
        row[c] = c % 2 == 0 ? sinf(angle) : cosf(angle);
    }
}
