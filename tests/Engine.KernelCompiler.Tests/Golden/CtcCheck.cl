// CtcCheck

typedef struct
{
    i64 T;
    i64 B;
    i64 C;
    i64 S;
    int Blank;
} CtcShape;

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void CtcCheck(__global int* targets_base, i64 targets_offset, __global int* targetLengths_base, i64 targetLengths_offset, __global int* position_base, i64 position_offset, CtcShape shape)
{
    __global int* targets = (__global int*)((__global u8*)targets_base + targets_offset);
    __global int* targetLengths = (__global int*)((__global u8*)targetLengths_base + targetLengths_offset);
    __global int* position = (__global int*)((__global u8*)position_base + position_offset);
    ENG_SCRATCH(s_);
    int n = (int)(shape.B * shape.S);
    int first = n;
    for (int i = eng_lane(); i < n && first == n; i += LANES)
    {
        bool counts = i % shape.S < targetLengths[i / shape.S];
        bool right = targets[i] >= 0 && targets[i] < shape.C && targets[i] != shape.Blank;
        first = counts && !right ? i : first;
    }
    first = eng_block_min(s_, first);
    if (eng_lane() == 0)
    {
        position[0L] = first < n ? first : (-1);
    }
}
