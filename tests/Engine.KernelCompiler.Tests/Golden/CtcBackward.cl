// CtcBackward

typedef struct
{
    i64 T;
    i64 B;
    i64 C;
    i64 S;
    int Blank;
} CtcShape;

static inline __attribute__((always_inline)) i64 CtcShape_Length(int length_, i64 most)
{
    return eng_max_i64(0L, eng_min_i64(length_, most));
}

static inline __attribute__((always_inline)) i64 CtcShape_L(CtcShape self)
{
    return (2L * self.S) + 1L;
}

static inline __attribute__((always_inline)) float CtcShape_LogAdd(float a, float b)
{
    float m = eng_max(a, b);
    return m == (-ENG_INFINITY) ? m : m + log(exp(a - m) + exp(b - m));
}

static inline __attribute__((always_inline)) float CtcShape_LogLikelihood(__global float* lastAlpha, i64 frames, i64 n)
{
    float y = n == 1L ? 0.0f : (-ENG_INFINITY);
    if (frames > 0L)
    {
        y = n == 1L ? lastAlpha[0L] : CtcShape_LogAdd(lastAlpha[n - 1L], lastAlpha[n - 2L]);
    }
    return y;
}

static inline __attribute__((always_inline)) float CtcShape_Weight(CtcShape self, i64 labels, bool mean)
{
    return mean ? 1.0f / (self.B * eng_max_i64(1L, labels)) : 1.0f;
}

static inline __attribute__((always_inline)) float CtcShape_Emit(CtcShape self, __global float* logProbs, i64 t, i64 b, int label)
{
    float y = ENG_NAN;
    if (label >= 0 && label < self.C)
    {
        y = logProbs[(((t * self.B) + b) * self.C) + label];
    }
    return y;
}

static inline __attribute__((always_inline)) int CtcShape_Label(CtcShape self, __global int* targets, i64 first, i64 s)
{
    return s % 2L == 0L ? self.Blank : targets[first + (s / 2L)];
}

static inline __attribute__((always_inline)) bool CtcShape_Skips(CtcShape self, __global int* targets, i64 first, i64 s)
{
    return s % 2L == 1L && s >= 2L && targets[first + (s / 2L)] != targets[first + (s / 2L) - 1L];
}

static inline __attribute__((always_inline)) float CtcBackward_Go(__global float* next, i64 t, i64 s, i64 n, CtcShape shape, __global float* logProbs, __global int* targets)
{
    i64 first = eng_block() * shape.S;
    float y = next[s] + CtcShape_Emit(shape, logProbs, t + 1L, eng_block(), CtcShape_Label(shape, targets, first, s));
    if (s + 1L < n)
    {
        y = CtcShape_LogAdd(y, next[s + 1L] + CtcShape_Emit(shape, logProbs, t + 1L, eng_block(), CtcShape_Label(shape, targets, first, s + 1L)));
    }
    if (s + 2L < n && CtcShape_Skips(shape, targets, first, s + 2L))
    {
        y = CtcShape_LogAdd(y, next[s + 2L] + CtcShape_Emit(shape, logProbs, t + 1L, eng_block(), CtcShape_Label(shape, targets, first, s + 2L)));
    }
    return y;
}

static inline __attribute__((always_inline)) void CtcBackward_Share(__global float* a, __global float* beta, __global float* dRow, i64 labels, float logP, float g, CtcShape shape, __global int* targets, eng_scratch s_)
{
    i64 first = eng_block() * shape.S;
    float blank = 0.0f;
    for (i64 k = eng_lane(); k <= labels; k += LANES)
    {
        blank += exp(a[2L * k] + beta[2L * k] - logP);
    }
    blank = eng_block_sum(s_, blank);
    if (eng_lane() == 0 && labels >= 0L)
    {
        dRow[shape.Blank] = g * blank;
    }
    for (i64 k = eng_lane(); k < labels; k += LANES)
    {
        int label = targets[first + k];
        bool owner = label >= 0 && label < shape.C && label != shape.Blank;
        for (i64 j = 0L; j < k && owner; j++)
        {
            owner = targets[first + j] != label;
        }
        float sum = 0.0f;
        for (i64 j = k; j < labels && owner; j++)
        {
            sum += targets[first + j] == label ? exp(a[(2L * j) + 1L] + beta[(2L * j) + 1L] - logP) : 0.0f;
        }
        if (owner)
        {
            dRow[label] = g * sum;
        }
    }
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void CtcBackward(__global float* logProbs_base, i64 logProbs_offset, __global int* targets_base, i64 targets_offset, __global int* inputLengths_base, i64 inputLengths_offset, __global int* targetLengths_base, i64 targetLengths_offset, __global float* alpha_base, i64 alpha_offset, __global float* beta_base, i64 beta_offset, __global float* dY_base, i64 dY_offset, __global float* dLogProbs_base, i64 dLogProbs_offset, CtcShape shape, int mean, int zeroInfinity, int perItem)
{
    __global float* logProbs = (__global float*)((__global u8*)logProbs_base + logProbs_offset);
    __global int* targets = (__global int*)((__global u8*)targets_base + targets_offset);
    __global int* inputLengths = (__global int*)((__global u8*)inputLengths_base + inputLengths_offset);
    __global int* targetLengths = (__global int*)((__global u8*)targetLengths_base + targetLengths_offset);
    __global float* alpha = (__global float*)((__global u8*)alpha_base + alpha_offset);
    __global float* beta = (__global float*)((__global u8*)beta_base + beta_offset);
    __global float* dY = (__global float*)((__global u8*)dY_base + dY_offset);
    __global float* dLogProbs = (__global float*)((__global u8*)dLogProbs_base + dLogProbs_offset);
    ENG_SCRATCH(s_);
    i64 frames = CtcShape_Length(inputLengths[eng_block()], shape.T);
    i64 labels = CtcShape_Length(targetLengths[eng_block()], shape.S);
    i64 n = (2L * labels) + 1L;
    __global float* a = alpha + (eng_block() * shape.T * CtcShape_L(shape));
    float logP = CtcShape_LogLikelihood(a + (eng_max_i64(0L, frames - 1L) * CtcShape_L(shape)), frames, n);
    bool none = zeroInfinity && logP == (-ENG_INFINITY);
    float g = -dY[perItem ? eng_block() : 0L] * CtcShape_Weight(shape, labels, mean);
    for (i64 t = shape.T - 1L; t >= 0L; t--)
    {
        __global float* dRow = dLogProbs + ((i64)((t * shape.B) + eng_block()) * shape.C);
        for (i64 c = eng_lane(); c < shape.C; c += LANES)
        {
            dRow[c] = 0.0f;
        }
        __global float* now = beta + (((eng_block() * 2L) + (t % 2L)) * CtcShape_L(shape));
        __global float* next = beta + (((eng_block() * 2L) + ((t + 1L) % 2L)) * CtcShape_L(shape));
        for (i64 s = eng_lane(); s < n && t < frames; s += LANES)
        {
            now[s] = t == frames - 1L ? (s >= n - 2L ? 0.0f : (-ENG_INFINITY)) : CtcBackward_Go(next, t, s, n, shape, logProbs, targets);
        }
        eng_barrier();
        CtcBackward_Share(a + (t * CtcShape_L(shape)), now, dRow, t < frames && !none ? labels : (-1L), logP, g, shape, targets, s_);
    }
}
