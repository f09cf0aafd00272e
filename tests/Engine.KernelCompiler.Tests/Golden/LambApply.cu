// LambApply

static __device__ __forceinline__ float LambDirection_Of(float p, float m, float v, float weightDecay, float correct1, float root, float eps)
{
    return (m * correct1 / ((sqrtf(v) * root) + eps)) + (weightDecay * p);
}

extern "C" __global__ void __launch_bounds__(LANES) LambApply(float* p, float* m, float* v, float* trust, float lr, float weightDecay, float correct1, float root, float eps, i64 n)
{
    float rate = lr * trust[0LL];
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        p[i] -= rate * LambDirection_Of(p[i], m[i], v[i], weightDecay, correct1, root, eps);
    }
}
