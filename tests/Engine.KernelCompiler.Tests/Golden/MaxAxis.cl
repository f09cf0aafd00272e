// MaxAxis

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void MaxAxis(__global float* x_base, i64 x_offset, __global float* y_base, i64 y_offset, __global int* index_base, i64 index_offset, int n, i64 inner, float sign_)
{
    __global float* x = (__global float*)((__global u8*)x_base + x_offset);
    __global float* y = (__global float*)((__global u8*)y_base + y_offset);
    __global int* index = (__global int*)((__global u8*)index_base + index_offset);
    ENG_SCRATCH(s_);
    i64 start = (eng_block() / inner * n * inner) + (eng_block() % inner);
    float best = (-ENG_INFINITY);
    int at = n;
    for (int i = eng_lane(); i < n; i += LANES)
    {
        float v = sign_ * x[start + (i * inner)];
        if (at == n || v > best || (eng_isnan(v) && !eng_isnan(best)))
        {
            best = v;
            at = i;
        }
    }
    float m = eng_block_max(s_, best);
    int first = eng_block_min(s_, best == m || (eng_isnan(best) && eng_isnan(m)) ? at : n);
    if (eng_lane() == 0)
    {
        index[eng_block()] = first;
        if (y != 0)
        {
            y[eng_block()] = sign_ * m;
        }
    }
}
