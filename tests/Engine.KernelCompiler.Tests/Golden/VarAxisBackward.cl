// VarAxisBackward

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void VarAxisBackward(__global float* x_base, i64 x_offset, __global float* mean_base, i64 mean_offset, __global float* dY_base, i64 dY_offset, __global float* dX_base, i64 dX_offset, i64 n, i64 inner, float scale)
{
    __global float* x = (__global float*)((__global u8*)x_base + x_offset);
    __global float* mean = (__global float*)((__global u8*)mean_base + mean_offset);
    __global float* dY = (__global float*)((__global u8*)dY_base + dY_offset);
    __global float* dX = (__global float*)((__global u8*)dX_base + dX_offset);
    i64 start = (eng_block() / inner * n * inner) + (eng_block() % inner);
    float mu = mean[eng_block()];
    float g = 2.0f * scale * dY[eng_block()];
    for (i64 i = eng_lane(); i < n; i += LANES)
    {
        i64 at = start + (i * inner);
        dX[at] = g * (x[at] - mu);
    }
}
