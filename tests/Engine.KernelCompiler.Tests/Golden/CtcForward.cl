// CtcForward

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

static inline __attribute__((always_inline)) bool CtcShape_Skips(CtcShape self, __global int* targets, i64 first, i64 s)
{
    return s % 2L == 1L && s >= 2L && targets[first + (s / 2L)] != targets[first + (s / 2L) - 1L];
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

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void CtcForward(__global float* logProbs_base, i64 logProbs_offset, __global int* targets_base, i64 targets_offset, __global int* inputLengths_base, i64 inputLengths_offset, __global int* targetLengths_base, i64 targetLengths_offset, __global float* alpha_base, i64 alpha_offset, __global float* loss_base, i64 loss_offset, CtcShape shape, int mean, int zeroInfinity)
{
    __global float* logProbs = (__global float*)((__global u8*)logProbs_base + logProbs_offset);
    __global int* targets = (__global int*)((__global u8*)targets_base + targets_offset);
    __global int* inputLengths = (__global int*)((__global u8*)inputLengths_base + inputLengths_offset);
    __global int* targetLengths = (__global int*)((__global u8*)targetLengths_base + targetLengths_offset);
    __global float* alpha = (__global float*)((__global u8*)alpha_base + alpha_offset);
    __global float* loss = (__global float*)((__global u8*)loss_base + loss_offset);
    i64 frames = CtcShape_Length(inputLengths[eng_block()], shape.T);
    i64 labels = CtcShape_Length(targetLengths[eng_block()], shape.S);
    i64 n = (2L * labels) + 1L;
    i64 first = eng_block() * shape.S;
    __global float* a = alpha + (eng_block() * shape.T * CtcShape_L(shape));
    for (i64 t = 0L; t < frames; t++)
    {
        __global float* now = a + (t * CtcShape_L(shape));
        for (i64 s = eng_lane(); s < n; s += LANES)
        {
            float come = s < 2L ? 0.0f : (-ENG_INFINITY);
            if (t > 0L)
            {
                __global float* before = a + ((t - 1L) * CtcShape_L(shape));
                come = s > 0L ? CtcShape_LogAdd(before[s], before[s - 1L]) : before[s];
                come = CtcShape_Skips(shape, targets, first, s) ? CtcShape_LogAdd(come, before[s - 2L]) : come;
            }
            now[s] = come + CtcShape_Emit(shape, logProbs, t, eng_block(), CtcShape_Label(shape, targets, first, s));
        }
        eng_barrier();
    }
    if (eng_lane() == 0)
    {
        float nll = -CtcShape_LogLikelihood(a + (eng_max_i64(0L, frames - 1L) * CtcShape_L(shape)), frames, n);
        nll = zeroInfinity && nll == ENG_INFINITY ? 0.0f : nll;
        loss[eng_block()] = nll * CtcShape_Weight(shape, labels, mean);
    }
}
