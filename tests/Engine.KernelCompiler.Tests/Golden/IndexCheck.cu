// IndexCheck

extern "C" __global__ void __launch_bounds__(LANES) IndexCheck(int* indices, int* outside, i64 n, int bound, int ignore)
{
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
        outside[0LL] = found > 0.0f ? 1 : 0;
    }
}
