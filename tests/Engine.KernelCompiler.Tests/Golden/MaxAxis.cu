// MaxAxis

extern "C" __global__ void __launch_bounds__(LANES) MaxAxis(float* x, float* y, int* index, int n, i64 inner, float sign_)
{
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
