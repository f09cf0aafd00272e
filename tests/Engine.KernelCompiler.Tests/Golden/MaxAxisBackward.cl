// MaxAxisBackward

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void MaxAxisBackward(__global float* dY_base, i64 dY_offset, __global int* index_base, i64 index_offset, __global float* dX_base, i64 dX_offset, int n, i64 inner)
{
    __global float* dY = (__global float*)((__global u8*)dY_base + dY_offset);
    __global int* index = (__global int*)((__global u8*)index_base + index_offset);
    __global float* dX = (__global float*)((__global u8*)dX_base + dX_offset);
    i64 start = (eng_block() / inner * n * inner) + (eng_block() % inner);
    float g = dY[eng_block()];
    int first = index[eng_block()];
    for (int i = eng_lane(); i < n; i += LANES)
    {
        dX[start + (i * inner)] = i == first ? g : 0.0f;
    }
}
