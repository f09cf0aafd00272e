// VarAxis

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void VarAxis(__global float* x_base, i64 x_offset, __global float* y_base, i64 y_offset, __global float* mean_base, i64 mean_offset, i64 n, i64 inner, float scale)
{
    __global float* x = (__global float*)((__global u8*)x_base + x_offset);
    __global float* y = (__global float*)((__global u8*)y_base + y_offset);
    __global float* mean = (__global float*)((__global u8*)mean_base + mean_offset);
    ENG_SCRATCH(s_);
    i64 start = (eng_block() / inner * n * inner) + (eng_block() % inner);
    float s = 0.0f;
    for (i64 i = eng_lane(); i < n; i += LANES)
    {
        s += x[start + (i * inner)];
    }
    float mu = eng_block_sum(s_, s) / n;
    float q = 0.0f;
    for (i64 i = eng_lane(); i < n; i += LANES)
    {
        float d = x[start + (i * inner)] - mu;
        q += d * d;
    }
    q = eng_block_sum(s_, q);
    if (eng_lane() == 0)
    {
        y[eng_block()] = scale * q;
        mean[eng_block()] = mu;
    }
}
