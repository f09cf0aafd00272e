// CosineSimilarityBackward

extern "C" __global__ void __launch_bounds__(LANES) CosineSimilarityBackward(float* u, float* v, float* y, float* normU, float* normV, float* dY, float* dU, i64 C, float eps)
{
    float lengthU = eng_max(normU[eng_block()], eps);
    float lengthV = eng_max(normV[eng_block()], eps);
    float along = normU[eng_block()] >= eps ? y[eng_block()] / lengthU : 0.0f;
    float g = dY[eng_block()] / lengthU;
    for (i64 c = eng_lane(); c < C; c += LANES)
    {
        i64 at = (eng_block() * C) + c;
        dU[at] = g * ((v[at] / lengthV) - (u[at] * along));
    }
}
