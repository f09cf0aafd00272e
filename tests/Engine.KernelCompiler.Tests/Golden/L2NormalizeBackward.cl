// L2NormalizeBackward

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void L2NormalizeBackward(__global float* y_base, i64 y_offset, __global float* norm_base, i64 norm_offset, __global float* dY_base, i64 dY_offset, __global float* dX_base, i64 dX_offset, i64 n, i64 inner, float eps)
{
    __global float* y = (__global float*)((__global u8*)y_base + y_offset);
    __global float* norm = (__global float*)((__global u8*)norm_base + norm_offset);
    __global float* dY = (__global float*)((__global u8*)dY_base + dY_offset);
    __global float* dX = (__global float*)((__global u8*)dX_base + dX_offset);
    ENG_SCRATCH(s_);
    i64 start = (eng_block() / inner * n * inner) + (eng_block() % inner);
    float s = 0.0f;
    for (i64 i = eng_lane(); i < n; i += LANES)
    {
        s += y[start + (i * inner)] * dY[start + (i * inner)];
    }
    s = eng_block_sum(s_, s);
    float length_ = norm[eng_block()];
    float along = length_ >= eps ? s : 0.0f;
    float divisor = eng_max(length_, eps);
    for (i64 i = eng_lane(); i < n; i += LANES)
    {
        i64 at = start + (i * inner);
        dX[at] = (dY[at] - (y[at] * along)) / divisor;
    }
}
