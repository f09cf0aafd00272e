// CtcCheck

typedef struct
{
    i64 T;
    i64 B;
    i64 C;
    i64 S;
    int Blank;
} CtcShape;

extern "C" __global__ void __launch_bounds__(LANES) CtcCheck(int* targets, int* targetLengths, int* position, CtcShape shape)
{
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
        position[0LL] = first < n ? first : (-1);
    }
}
