// GatherBackward

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void GatherBackward(__global float* dY_base, i64 dY_offset, __global int* indices_base, i64 indices_offset, __global float* dX_base, i64 dX_offset, i64 n, i64 m, i64 inner)
{
    __global float* dY = (__global float*)((__global u8*)dY_base + dY_offset);
    __global int* indices = (__global int*)((__global u8*)indices_base + indices_offset);
    __global float* dX = (__global float*)((__global u8*)dX_base + dX_offset);
    i64 o = eng_block() / inner;
    i64 i = eng_block() % inner;
    for (i64 r = eng_lane(); r < n; r += LANES)
    {
        dX[(((o * n) + r) * inner) + i] = 0.0f;
    }
    for (i64 j = 0L; j < m; j++)
    {
        i64 at = (((o * m) + j) * inner) + i;
        i64 to = indices[at];
        if (to >= 0L && to < n && to % LANES == eng_lane())
        {
            dX[(((o * n) + to) * inner) + i] += dY[at];
        }
    }
}
