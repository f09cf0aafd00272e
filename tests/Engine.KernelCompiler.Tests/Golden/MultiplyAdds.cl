// MultiplyAdds

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void MultiplyAdds(__global float* x_base, i64 x_offset, __global float* y_base, i64 y_offset, float a, float c, int rounds, i64 n)
{
    __global float* x = (__global float*)((__global u8*)x_base + x_offset);
    __global float* y = (__global float*)((__global u8*)y_base + y_offset);
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        float v = x[i];
        for (int round_ = 0; round_ < rounds; round_++)
        {
            v = fma(a, v, c);
        }
        y[i] = v;
    }
}
