// CtcForward

typedef struct
{
    i64 T;
    i64 B;
    i64 C;
    i64 S;
    int Blank;
} CtcShape;

static __device__ __forceinline__ i64 CtcShape_Length(int length_, i64 most)
{
    return eng_max_i64(0LL, eng_min_i64(length_, most));
}

static __device__ __forceinline__ i64 CtcShape_L(CtcShape self)
{
    return (2LL * self.S) + 1LL;
}

static __device__ __forceinline__ float CtcShape_LogAdd(float a, float b)
{
    float m = eng_max(a, b);
    return m == (-ENG_INFINITY) ? m : m + logf(expf(a - m) + expf(b - m));
}

static __device__ __forceinline__ bool CtcShape_Skips(CtcShape self, int* targets, i64 first, i64 s)
{
    return s % 2LL == 1LL && s >= 2LL && targets[first + (s / 2LL)] != targets[first + (s / 2LL) - 1LL];
}

static __device__ __forceinline__ float CtcShape_Emit(CtcShape self, float* logProbs, i64 t, i64 b, int label)
{
    float y = ENG_NAN;
    if (label >= 0 && label < self.C)
    {
        y = logProbs[(((t * self.B) + b) * self.C) + label];
    }
    return y;
}

static __device__ __forceinline__ int CtcShape_Label(CtcShape self, int* targets, i64 first, i64 s)
{
    return s % 2LL == 0LL ? self.Blank : targets[first + (s / 2LL)];
}

static __device__ __forceinline__ float CtcShape_LogLikelihood(float* lastAlpha, i64 frames, i64 n)
{
    float y = n == 1LL ? 0.0f : (-ENG_INFINITY);
    if (frames > 0LL)
    {
        y = n == 1LL ? lastAlpha[0LL] : CtcShape_LogAdd(lastAlpha[n - 1LL], lastAlpha[n - 2LL]);
    }
    return y;
}

static __device__ __forceinline__ float CtcShape_Weight(CtcShape self, i64 labels, bool mean)
{
    return mean ? 1.0f / (self.B * eng_max_i64(1LL, labels)) : 1.0f;
}

extern "C" __global__ void __launch_bounds__(LANES) CtcForward(float* logProbs, int* targets, int* inputLengths, int* targetLengths, float* alpha, float* loss, CtcShape shape, int mean, int zeroInfinity)
{
    i64 frames = CtcShape_Length(inputLengths[eng_block()], shape.T);
    i64 labels = CtcShape_Length(targetLengths[eng_block()], shape.S);
    i64 n = (2LL * labels) + 1LL;
    i64 first = eng_block() * shape.S;
    float* a = alpha + (eng_block() * shape.T * CtcShape_L(shape));
    for (i64 t = 0LL; t < frames; t++)
    {
        float* now = a + (t * CtcShape_L(shape));
        for (i64 s = eng_lane(); s < n; s += LANES)
        {
            float come = s < 2LL ? 0.0f : (-ENG_INFINITY);
            if (t > 0LL)
            {
                float* before = a + ((t - 1LL) * CtcShape_L(shape));
                come = s > 0LL ? CtcShape_LogAdd(before[s], before[s - 1LL]) : before[s];
                come = CtcShape_Skips(shape, targets, first, s) ? CtcShape_LogAdd(come, before[s - 2LL]) : come;
            }
            now[s] = come + CtcShape_Emit(shape, logProbs, t, eng_block(), CtcShape_Label(shape, targets, first, s));
        }
        eng_barrier();
    }
    if (eng_lane() == 0)
    {
        float nll = -CtcShape_LogLikelihood(a + (eng_max_i64(0LL, frames - 1LL) * CtcShape_L(shape)), frames, n);
        nll = zeroInfinity && nll == ENG_INFINITY ? 0.0f : nll;
        loss[eng_block()] = nll * CtcShape_Weight(shape, labels, mean);
    }
}
