// IndexSelectBackward

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void IndexSelectBackward(__global float* dY_base, i64 dY_offset, __global int* indices_base, i64 indices_offset, __global float* dX_base, i64 dX_offset, i64 n, i64 m, i64 outer, i64 inner)
{
    __global float* dY = (__global float*)((__global u8*)dY_base + dY_offset);
    __global int* indices = (__global int*)((__global u8*)indices_base + indices_offset);
    __global float* dX = (__global float*)((__global u8*)dX_base + dX_offset);
    i64 low = eng_block() * 256L;
    i64 high = eng_min_i64(outer * inner, low + 256L);
    for (i64 j = 0L; j < m; j++)
    {
        i64 to = indices[j];
        if (to >= 0L && to < n)
        {
            for (i64 column = low + eng_lane(); column < high; column += LANES)
            {
                i64 o = column / inner;
                i64 i = column - (o * inner);
                dX[(((o * n) + to) * inner) + i] += dY[(((o * m) + j) * inner) + i];
            }
        }
    }
}
