// IndexCheck

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void IndexCheck(__global int* indices_base, i64 indices_offset, __global int* outside_base, i64 outside_offset, i64 n, int bound, int ignore)
{
    __global int* indices = (__global int*)((__global u8*)indices_base + indices_offset);
    __global int* outside = (__global int*)((__global u8*)outside_base + outside_offset);
    ENG_SCRATCH(s_);
    float found = 0.0f;
    for (i64 i = eng_lane(); i < n; i += LANES)
    {
        bool wrong = (indices[i] < 0 || indices[i] >= bound) && indices[i] != ignore;
        found = wrong ? 1.0f : found;
    }
    found = eng_block_max(s_, found);
    if (eng_lane() == 0)
    {
        outside[0L] = found > 0.0f ? 1 : 0;
    }
}
