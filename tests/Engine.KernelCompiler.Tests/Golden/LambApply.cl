// LambApply

static inline __attribute__((always_inline)) float LambDirection_Of(float p, float m, float v, float weightDecay, float correct1, float root, float eps)
{
    return (m * correct1 / ((sqrt(v) * root) + eps)) + (weightDecay * p);
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void LambApply(__global float* p_base, i64 p_offset, __global float* m_base, i64 m_offset, __global float* v_base, i64 v_offset, __global float* trust_base, i64 trust_offset, float lr, float weightDecay, float correct1, float root, float eps, i64 n)
{
    __global float* p = (__global float*)((__global u8*)p_base + p_offset);
    __global float* m = (__global float*)((__global u8*)m_base + m_offset);
    __global float* v = (__global float*)((__global u8*)v_base + v_offset);
    __global float* trust = (__global float*)((__global u8*)trust_base + trust_offset);
    float rate = lr * trust[0L];
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        p[i] -= rate * LambDirection_Of(p[i], m[i], v[i], weightDecay, correct1, root, eps);
    }
}
