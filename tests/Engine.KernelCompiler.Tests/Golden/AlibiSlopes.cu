// AlibiSlopes

extern "C" __global__ void __launch_bounds__(LANES) AlibiSlopes(float* slopes, int H, int P)
{
    for (int h = eng_lane(); h < H; h += LANES)
    {
        float exponent = h < P ? 8.0f * (h + 1) / P : 4.0f * ((2 * (h - P)) + 1) / P;
        slopes[h] = powf(2.0f, -exponent);
    }
}
