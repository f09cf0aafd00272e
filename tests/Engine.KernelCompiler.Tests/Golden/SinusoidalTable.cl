// SinusoidalTable

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void SinusoidalTable(__global float* y_base, i64 y_offset, int D, float theta)
{
    __global float* y = (__global float*)((__global u8*)y_base + y_offset);
    __global float* row = y + ((i64)eng_block() * D);
    for (int c = eng_lane(); c < D; c += LANES)
    {
        float angle = eng_block() / pow(theta, (float)(c - (c % 2)) / D);
        row[c] = c % 2 == 0 ? sin(angle) : cos(angle);
    }
}
