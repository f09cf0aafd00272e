// BceWithLogits

static inline __attribute__((always_inline)) float LogSigmoid_Value(float x, float a)
{
    return eng_min(x, 0.0f) - log1p(exp(-fabs(x)));
}

static inline __attribute__((always_inline)) float BceWithLogits_Value(float a, float b, float p)
{
    return -(p * b * LogSigmoid_Value(a, 0.0f)) - ((1.0f - b) * LogSigmoid_Value(-a, 0.0f));
}

static inline __attribute__((always_inline)) float Sigmoid_Value(float x, float a)
{
    return 1.0f / (1.0f + exp(-x));
}

static inline __attribute__((always_inline)) float BceWithLogits_DerivativeA(float a, float b, float p)
{
    return ((1.0f - b) * Sigmoid_Value(a, 0.0f)) - (p * b * Sigmoid_Value(-a, 0.0f));
}

static inline __attribute__((always_inline)) float BceWithLogits_DerivativeB(float a, float b, float p)
{
    return LogSigmoid_Value(-a, 0.0f) - (p * LogSigmoid_Value(a, 0.0f));
}

// HuberLoss

static inline __attribute__((always_inline)) float HuberLoss_Value(float a, float b, float p)
{
    float d = fabs(a - b);
    return d <= p ? 0.5f * d * d : p * (d - (0.5f * p));
}

static inline __attribute__((always_inline)) float HuberLoss_DerivativeA(float a, float b, float p)
{
    return eng_max(-p, eng_min(p, a - b));
}

static inline __attribute__((always_inline)) float HuberLoss_DerivativeB(float a, float b, float p)
{
    return HuberLoss_DerivativeA(b, a, p);
}

// L1Loss

static inline __attribute__((always_inline)) float L1Loss_Value(float a, float b, float p)
{
    return fabs(a - b);
}

static inline __attribute__((always_inline)) float Abs_Derivative(float x, float y, float a)
{
    return x > 0.0f ? 1.0f : x < 0.0f ? (-1.0f) : 0.0f;
}

static inline __attribute__((always_inline)) float L1Loss_DerivativeA(float a, float b, float p)
{
    return Abs_Derivative(a - b, 0.0f, 0.0f);
}

static inline __attribute__((always_inline)) float L1Loss_DerivativeB(float a, float b, float p)
{
    return Abs_Derivative(b - a, 0.0f, 0.0f);
}

// MseLoss

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

// SmoothL1Loss

static inline __attribute__((always_inline)) float SmoothL1Loss_Value(float a, float b, float p)
{
    float d = fabs(a - b);
    return d < p ? 0.5f * d * d / p : d - (0.5f * p);
}

static inline __attribute__((always_inline)) float Abs_Derivative(float x, float y, float a)
{
    return x > 0.0f ? 1.0f : x < 0.0f ? (-1.0f) : 0.0f;
}

static inline __attribute__((always_inline)) float SmoothL1Loss_DerivativeA(float a, float b, float p)
{
    return fabs(a - b) < p ? (a - b) / p : Abs_Derivative(a - b, 0.0f, 0.0f);
}

static inline __attribute__((always_inline)) float SmoothL1Loss_DerivativeB(float a, float b, float p)
{
    return SmoothL1Loss_DerivativeA(b, a, p);
}
