// CrossEntropyTotal

static inline __attribute__((always_inline)) float ClassWeight_Of(__global float* weights, int t, i64 V)
{
    float w = ENG_NAN;
    if (t >= 0 && t < V)
    {
        w = weights != 0 ? weights[t] : 1.0f;
    }
    return w;
}

static inline __attribute__((always_inline)) float Partials_Sum(__global float* x, i64 n, eng_scratch s_)
{
    float total = 0.0f;
    for (i64 start = eng_lane(); start < n; start += 256L * LANES)
    {
        i64 end = start + (256L * LANES);
        float s = 0.0f;
        for (i64 i = start; i < end && i < n; i += LANES)
        {
            s += x[i];
        }
        total += s;
    }
    return eng_block_sum(s_, total);
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void CrossEntropyTotal(__global float* loss_base, i64 loss_offset, __global int* targets_base, i64 targets_offset, __global float* weights_base, i64 weights_offset, __global float* total_base, i64 total_offset, __global float* scale_base, i64 scale_offset, i64 N, i64 V, int ignore, int mean)
{
    __global float* loss = (__global float*)((__global u8*)loss_base + loss_offset);
    __global int* targets = (__global int*)((__global u8*)targets_base + targets_offset);
    __global float* weights = (__global float*)((__global u8*)weights_base + weights_offset);
    __global float* total = (__global float*)((__global u8*)total_base + total_offset);
    __global float* scale = (__global float*)((__global u8*)scale_base + scale_offset);
    ENG_SCRATCH(s_);
    float count = 0.0f;
    for (i64 n = eng_lane(); n < N; n += LANES)
    {
        count += targets[n] == ignore ? 0.0f : ClassWeight_Of(weights, targets[n], V);
    }
    count = eng_block_sum(s_, count);
    float sum = Partials_Sum(loss, N, s_);
    if (eng_lane() == 0)
    {
        total[0L] = mean ? sum / count : sum;
        scale[0L] = !mean ? 1.0f : count == 0.0f ? 0.0f : 1.0f / count;
    }
}
