// PairLossBackward<MseLoss>

static inline __attribute__((always_inline)) float MseLoss_Value(float a, float b, float p)
{
    return (a - b) * (a - b);
}

static inline __attribute__((always_inline)) float MseLoss_DerivativeA(float a, float b, float p)
{
    return 2.0f * (a - b);
}

static inline __attribute__((always_inline)) float MseLoss_DerivativeB(float a, float b, float p)
{
    return 2.0f * (b - a);
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void PairLossBackward(__global float* u_base, i64 u_offset, __global float* v_base, i64 v_offset, __global float* classes_base, i64 classes_offset, __global float* dY_base, i64 dY_offset, __global float* dU_base, i64 dU_offset, __global float* dV_base, i64 dV_offset, float p, float scale, i64 C, i64 n, int perElement)
{
    __global float* u = (__global float*)((__global u8*)u_base + u_offset);
    __global float* v = (__global float*)((__global u8*)v_base + v_offset);
    __global float* classes = (__global float*)((__global u8*)classes_base + classes_offset);
    __global float* dY = (__global float*)((__global u8*)dY_base + dY_offset);
    __global float* dU = (__global float*)((__global u8*)dU_base + dU_offset);
    __global float* dV = (__global float*)((__global u8*)dV_base + dV_offset);
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        float g = scale * dY[perElement ? i : 0L];
        float pi = classes != 0 ? classes[i % C] : p;
        if (dU != 0)
        {
            dU[i] = g * MseLoss_DerivativeA(u[i], v[i], pi);
        }
        if (dV != 0)
        {
            dV[i] = g * MseLoss_DerivativeB(u[i], v[i], pi);
        }
    }
}
