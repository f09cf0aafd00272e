// AlibiSlopes

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void AlibiSlopes(__global float* slopes_base, i64 slopes_offset, int H, int P)
{
    __global float* slopes = (__global float*)((__global u8*)slopes_base + slopes_offset);
    for (int h = eng_lane(); h < H; h += LANES)
    {
        float exponent = h < P ? 8.0f * (h + 1) / P : 4.0f * ((2 * (h - P)) + 1) / P;
        slopes[h] = pow(2.0f, -exponent);
    }
}
