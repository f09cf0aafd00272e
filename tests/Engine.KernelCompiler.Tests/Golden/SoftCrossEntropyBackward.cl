// SoftCrossEntropyBackward

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void SoftCrossEntropyBackward(__global float* x_base, i64 x_offset, __global float* q_base, i64 q_offset, __global float* lse_base, i64 lse_offset, __global float* dY_base, i64 dY_offset, __global float* dX_base, i64 dX_offset, __global float* dQ_base, i64 dQ_offset, i64 V, float scale, int perRow)
{
    __global float* x = (__global float*)((__global u8*)x_base + x_offset);
    __global float* q = (__global float*)((__global u8*)q_base + q_offset);
    __global float* lse = (__global float*)((__global u8*)lse_base + lse_offset);
    __global float* dY = (__global float*)((__global u8*)dY_base + dY_offset);
    __global float* dX = (__global float*)((__global u8*)dX_base + dX_offset);
    __global float* dQ = (__global float*)((__global u8*)dQ_base + dQ_offset);
    ENG_SCRATCH(s_);
    __global float* xr = x + ((i64)eng_block() * V);
    __global float* qr = q + ((i64)eng_block() * V);
    float sumQ = 0.0f;
    for (i64 c = eng_lane(); c < V; c += LANES)
    {
        sumQ += qr[c];
    }
    sumQ = eng_block_sum(s_, sumQ);
    float g = scale * dY[perRow ? eng_block() : 0L];
    float total = lse[eng_block()];
    for (i64 c = eng_lane(); c < V; c += LANES)
    {
        i64 at = (eng_block() * V) + c;
        if (dX != 0)
        {
            dX[at] = g * ((exp(xr[c] - total) * sumQ) - qr[c]);
        }
        if (dQ != 0)
        {
            dQ[at] = g * (total - xr[c]);
        }
    }
}
