// L2NormalizeForward

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void L2NormalizeForward(__global float* x_base, i64 x_offset, __global float* y_base, i64 y_offset, __global float* norm_base, i64 norm_offset, i64 n, i64 inner, float eps)
{
    __global float* x = (__global float*)((__global u8*)x_base + x_offset);
    __global float* y = (__global float*)((__global u8*)y_base + y_offset);
    __global float* norm = (__global float*)((__global u8*)norm_base + norm_offset);
    ENG_SCRATCH(s_);
    i64 start = (eng_block() / inner * n * inner) + (eng_block() % inner);
    float q = 0.0f;
    for (i64 i = eng_lane(); i < n; i += LANES)
    {
        float v = x[start + (i * inner)];
        q += v * v;
    }
    float length_ = sqrt(eng_block_sum(s_, q));
    float divisor = eng_max(length_, eps);
    for (i64 i = eng_lane(); i < n; i += LANES)
    {
        y[start + (i * inner)] = x[start + (i * inner)] / divisor;
    }
    if (eng_lane() == 0)
    {
        norm[eng_block()] = length_;
    }
}
