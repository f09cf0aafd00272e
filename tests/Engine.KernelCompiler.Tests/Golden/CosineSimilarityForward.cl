// CosineSimilarityForward

static inline __attribute__((always_inline)) void Result_Write(__global float* y, float value, bool accumulate)
{
    if (eng_lane() == 0 && y != 0)
    {
        y[eng_block()] = accumulate ? y[eng_block()] + value : value;
    }
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void CosineSimilarityForward(__global float* u_base, i64 u_offset, __global float* v_base, i64 v_offset, __global float* y_base, i64 y_offset, __global float* normU_base, i64 normU_offset, __global float* normV_base, i64 normV_offset, i64 C, float eps)
{
    __global float* u = (__global float*)((__global u8*)u_base + u_offset);
    __global float* v = (__global float*)((__global u8*)v_base + v_offset);
    __global float* y = (__global float*)((__global u8*)y_base + y_offset);
    __global float* normU = (__global float*)((__global u8*)normU_base + normU_offset);
    __global float* normV = (__global float*)((__global u8*)normV_base + normV_offset);
    ENG_SCRATCH(s_);
    __global float* ur = u + ((i64)eng_block() * C);
    __global float* vr = v + ((i64)eng_block() * C);
    float dot_ = 0.0f;
    float squaresU = 0.0f;
    float squaresV = 0.0f;
    for (i64 c = eng_lane(); c < C; c += LANES)
    {
        dot_ += ur[c] * vr[c];
        squaresU += ur[c] * ur[c];
        squaresV += vr[c] * vr[c];
    }
    float lengthU = sqrt(eng_block_sum(s_, squaresU));
    float lengthV = sqrt(eng_block_sum(s_, squaresV));
    Result_Write(y, eng_block_sum(s_, dot_) / (eng_max(lengthU, eps) * eng_max(lengthV, eps)), false);
    Result_Write(normU, lengthU, false);
    Result_Write(normV, lengthV, false);
}
