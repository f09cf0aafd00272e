// SoftmaxBackward

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void SoftmaxBackward(__global float* y_base, i64 y_offset, __global float* dY_base, i64 dY_offset, __global float* dX_base, i64 dX_offset, i64 n, i64 inner, int log_)
{
    __global float* y = (__global float*)((__global u8*)y_base + y_offset);
    __global float* dY = (__global float*)((__global u8*)dY_base + dY_offset);
    __global float* dX = (__global float*)((__global u8*)dX_base + dX_offset);
    ENG_SCRATCH(s_);
    i64 start = (eng_block() / inner * n * inner) + (eng_block() % inner);
    float s = 0.0f;
    for (i64 i = eng_lane(); i < n; i += LANES)
    {
        i64 at = start + (i * inner);
        s += log_ ? dY[at] : y[at] * dY[at];
    }
    s = eng_block_sum(s_, s);
    for (i64 i = eng_lane(); i < n; i += LANES)
    {
        i64 at = start + (i * inner);
        dX[at] = log_ ? dY[at] - (exp(y[at]) * s) : y[at] * (dY[at] - s);
    }
}
