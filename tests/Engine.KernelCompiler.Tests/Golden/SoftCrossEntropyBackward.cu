// SoftCrossEntropyBackward

extern "C" __global__ void __launch_bounds__(LANES) SoftCrossEntropyBackward(float* x, float* q, float* lse, float* dY, float* dX, float* dQ, i64 V, float scale, int perRow)
{
    ENG_SCRATCH(s_);
    float* xr = x + ((i64)eng_block() * V);
    float* qr = q + ((i64)eng_block() * V);
    float sumQ = 0.0f;
    for (i64 c = eng_lane(); c < V; c += LANES)
    {
        sumQ += qr[c];
    }
    sumQ = eng_block_sum(s_, sumQ);
    float g = scale * dY[perRow ? eng_block() : 0LL];
    float total = lse[eng_block()];
    for (i64 c = eng_lane(); c < V; c += LANES)
    {
        i64 at = (eng_block() * V) + c;
        if (dX != 0)
        {
            dX[at] = g * ((expf(xr[c] - total) * sumQ) - qr[c]);
        }
        if (dQ != 0)
        {
            dQ[at] = g * (total - xr[c]);
        }
    }
}
