// BceWithLogits

static __device__ __forceinline__ float LogSigmoid_Value(float x, float a)
{
    return eng_min(x, 0.0f) - log1pf(expf(-fabsf(x)));
}

static __device__ __forceinline__ float BceWithLogits_Value(float a, float b, float p)
{
    return -(p * b * LogSigmoid_Value(a, 0.0f)) - ((1.0f - b) * LogSigmoid_Value(-a, 0.0f));
}

static __device__ __forceinline__ float Sigmoid_Value(float x, float a)
{
    return 1.0f / (1.0f + expf(-x));
}

static __device__ __forceinline__ float BceWithLogits_DerivativeA(float a, float b, float p)
{
    return ((1.0f - b) * Sigmoid_Value(a, 0.0f)) - (p * b * Sigmoid_Value(-a, 0.0f));
}

static __device__ __forceinline__ float BceWithLogits_DerivativeB(float a, float b, float p)
{
    return LogSigmoid_Value(-a, 0.0f) - (p * LogSigmoid_Value(a, 0.0f));
}

// HuberLoss

static __device__ __forceinline__ float HuberLoss_Value(float a, float b, float p)
{
    float d = fabsf(a - b);
    return d <= p ? 0.5f * d * d : p * (d - (0.5f * p));
}

static __device__ __forceinline__ float HuberLoss_DerivativeA(float a, float b, float p)
{
    return eng_max(-p, eng_min(p, a - b));
}

static __device__ __forceinline__ float HuberLoss_DerivativeB(float a, float b, float p)
{
    return HuberLoss_DerivativeA(b, a, p);
}

// L1Loss

static __device__ __forceinline__ float L1Loss_Value(float a, float b, float p)
{
    return fabsf(a - b);
}

static __device__ __forceinline__ float Abs_Derivative(float x, float y, float a)
{
    return x > 0.0f ? 1.0f : x < 0.0f ? (-1.0f) : 0.0f;
}

static __device__ __forceinline__ float L1Loss_DerivativeA(float a, float b, float p)
{
    return Abs_Derivative(a - b, 0.0f, 0.0f);
}

static __device__ __forceinline__ float L1Loss_DerivativeB(float a, float b, float p)
{
    return Abs_Derivative(b - a, 0.0f, 0.0f);
}

// MseLoss

static __device__ __forceinline__ float MseLoss_Value(float a, float b, float p)
{
    return (a - b) * (a - b);
}

static __device__ __forceinline__ float MseLoss_DerivativeA(float a, float b, float p)
{
    return 2.0f * (a - b);
}

static __device__ __forceinline__ float MseLoss_DerivativeB(float a, float b, float p)
{
    return 2.0f * (b - a);
}

// SmoothL1Loss

static __device__ __forceinline__ float SmoothL1Loss_Value(float a, float b, float p)
{
    float d = fabsf(a - b);
    return d < p ? 0.5f * d * d / p : d - (0.5f * p);
}

static __device__ __forceinline__ float Abs_Derivative(float x, float y, float a)
{
    return x > 0.0f ? 1.0f : x < 0.0f ? (-1.0f) : 0.0f;
}

static __device__ __forceinline__ float SmoothL1Loss_DerivativeA(float a, float b, float p)
{
    return fabsf(a - b) < p ? (a - b) / p : Abs_Derivative(a - b, 0.0f, 0.0f);
}

static __device__ __forceinline__ float SmoothL1Loss_DerivativeB(float a, float b, float p)
{
    return SmoothL1Loss_DerivativeA(b, a, p);
}
