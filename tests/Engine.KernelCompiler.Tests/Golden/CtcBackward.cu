// CtcBackward

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

static __device__ __forceinline__ bool CtcShape_Skips(CtcShape self, int* targets, i64 first, i64 s)
{
    return s % 2LL == 1LL && s >= 2LL && targets[first + (s / 2LL)] != targets[first + (s / 2LL) - 1LL];
}

static __device__ __forceinline__ float CtcBackward_Go(float* next, i64 t, i64 s, i64 n, CtcShape shape, float* logProbs, int* targets)
{
    i64 first = eng_block() * shape.S;
    float y = next[s] + CtcShape_Emit(shape, logProbs, t + 1LL, eng_block(), CtcShape_Label(shape, targets, first, s));
    if (s + 1LL < n)
    {
        y = CtcShape_LogAdd(y, next[s + 1LL] + CtcShape_Emit(shape, logProbs, t + 1LL, eng_block(), CtcShape_Label(shape, targets, first, s + 1LL)));
    }
    if (s + 2LL < n && CtcShape_Skips(shape, targets, first, s + 2LL))
    {
        y = CtcShape_LogAdd(y, next[s + 2LL] + CtcShape_Emit(shape, logProbs, t + 1LL, eng_block(), CtcShape_Label(shape, targets, first, s + 2LL)));
    }
    return y;
}

static __device__ __forceinline__ void CtcBackward_Share(float* a, float* beta, float* dRow, i64 labels, float logP, float g, CtcShape shape, int* targets, eng_scratch s_)
{
    i64 first = eng_block() * shape.S;
    float blank = 0.0f;
    for (i64 k = eng_lane(); k <= labels; k += LANES)
    {
        blank += expf(a[2LL * k] + beta[2LL * k] - logP);
    }
    blank = eng_block_sum(s_, blank);
    if (eng_lane() == 0 && labels >= 0LL)
    {
        dRow[shape.Blank] = g * blank;
    }
    for (i64 k = eng_lane(); k < labels; k += LANES)
    {
        int label = targets[first + k];
        bool owner = label >= 0 && label < shape.C && label != shape.Blank;
        for (i64 j = 0LL; j < k && owner; j++)
        {
            owner = targets[first + j] != label;
        }
        float sum = 0.0f;
        for (i64 j = k; j < labels && owner; j++)
        {
            sum += targets[first + j] == label ? expf(a[(2LL * j) + 1LL] + beta[(2LL * j) + 1LL] - logP) : 0.0f;
        }
        if (owner)
        {
            dRow[label] = g * sum;
        }
    }
}

extern "C" __global__ void __launch_bounds__(LANES) CtcBackward(float* logProbs, int* targets, int* inputLengths, int* targetLengths, float* alpha, float* beta, float* dY, float* dLogProbs, CtcShape shape, int mean, int zeroInfinity, int perItem)
{
    ENG_SCRATCH(s_);
    i64 frames = CtcShape_Length(inputLengths[eng_block()], shape.T);
    i64 labels = CtcShape_Length(targetLengths[eng_block()], shape.S);
    i64 n = (2LL * labels) + 1LL;
    float* a = alpha + (eng_block() * shape.T * CtcShape_L(shape));
    float logP = CtcShape_LogLikelihood(a + (eng_max_i64(0LL, frames - 1LL) * CtcShape_L(shape)), frames, n);
    bool none = zeroInfinity && logP == (-ENG_INFINITY);
    float g = -dY[perItem ? eng_block() : 0LL] * CtcShape_Weight(shape, labels, mean);
    for (i64 t = shape.T - 1LL; t >= 0LL; t--)
    {
        float* dRow = dLogProbs + ((i64)((t * shape.B) + eng_block()) * shape.C);
        for (i64 c = eng_lane(); c < shape.C; c += LANES)
        {
            dRow[c] = 0.0f;
        }
        float* now = beta + (((eng_block() * 2LL) + (t % 2LL)) * CtcShape_L(shape));
        float* next = beta + (((eng_block() * 2LL) + ((t + 1LL) % 2LL)) * CtcShape_L(shape));
        for (i64 s = eng_lane(); s < n && t < frames; s += LANES)
        {
            now[s] = t == frames - 1LL ? (s >= n - 2LL ? 0.0f : (-ENG_INFINITY)) : CtcBackward_Go(next, t, s, n, shape, logProbs, targets);
        }
        eng_barrier();
        CtcBackward_Share(a + (t * CtcShape_L(shape)), now, dRow, t < frames && !none ? labels : (-1LL), logP, g, shape, targets, s_);
    }
}
