// CosineSimilarityForward

static __device__ __forceinline__ void Result_Write(float* y, float value, bool accumulate)
{
    if (eng_lane() == 0 && y != 0)
    {
        y[eng_block()] = accumulate ? y[eng_block()] + value : value;
    }
}

extern "C" __global__ void __launch_bounds__(LANES) CosineSimilarityForward(float* u, float* v, float* y, float* normU, float* normV, i64 C, float eps)
{
    ENG_SCRATCH(s_);
    float* ur = u + ((i64)eng_block() * C);
    float* vr = v + ((i64)eng_block() * C);
    float dot_ = 0.0f;
    float squaresU = 0.0f;
    float squaresV = 0.0f;
    for (i64 c = eng_lane(); c < C; c += LANES)
    {
        dot_ += ur[c] * vr[c];
        squaresU += ur[c] * ur[c];
        squaresV += vr[c] * vr[c];
    }
    float lengthU = sqrtf(eng_block_sum(s_, squaresU));
    float lengthV = sqrtf(eng_block_sum(s_, squaresV));
    Result_Write(y, eng_block_sum(s_, dot_) / (eng_max(lengthU, eps) * eng_max(lengthV, eps)), false);
    Result_Write(normU, lengthU, false);
    Result_Write(normV, lengthV, false);
}
