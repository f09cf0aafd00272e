// CosineSimilarityBackward

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void CosineSimilarityBackward(__global float* u_base, i64 u_offset, __global float* v_base, i64 v_offset, __global float* y_base, i64 y_offset, __global float* normU_base, i64 normU_offset, __global float* normV_base, i64 normV_offset, __global float* dY_base, i64 dY_offset, __global float* dU_base, i64 dU_offset, i64 C, float eps)
{
    __global float* u = (__global float*)((__global u8*)u_base + u_offset);
    __global float* v = (__global float*)((__global u8*)v_base + v_offset);
    __global float* y = (__global float*)((__global u8*)y_base + y_offset);
    __global float* normU = (__global float*)((__global u8*)normU_base + normU_offset);
    __global float* normV = (__global float*)((__global u8*)normV_base + normV_offset);
    __global float* dY = (__global float*)((__global u8*)dY_base + dY_offset);
    __global float* dU = (__global float*)((__global u8*)dU_base + dU_offset);
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
