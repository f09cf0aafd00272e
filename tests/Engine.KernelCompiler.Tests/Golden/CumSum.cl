// CumSum

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void CumSum(__global float* x_base, i64 x_offset, __global float* y_base, i64 y_offset, i64 n, i64 inner, int direction)
{
    __global float* x = (__global float*)((__global u8*)x_base + x_offset);
    __global float* y = (__global float*)((__global u8*)y_base + y_offset);
    ENG_SCRATCH(s_);
    i64 start = (eng_block() / inner * n * inner) + (eng_block() % inner);
    i64 first = direction < 0 ? start + ((n - 1L) * inner) : start;
    i64 step_ = direction * inner;
    i64 part = (n + LANES - 1L) / LANES;
    i64 low = eng_min_i64(n, eng_lane() * part);
    i64 high = eng_min_i64(n, low + part);
    float s = 0.0f;
    for (i64 i = low; i < high; i++)
    {
        s += x[first + (i * step_)];
    }
    s = eng_block_sum_below(s_, s);
    for (i64 i = low; i < high; i++)
    {
        s += x[first + (i * step_)];
        y[first + (i * step_)] = s;
    }
}
