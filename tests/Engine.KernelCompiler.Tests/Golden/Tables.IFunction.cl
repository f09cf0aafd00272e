// Abs

static inline __attribute__((always_inline)) float Abs_Value(float x, float a)
{
    return fabs(x);
}

static inline __attribute__((always_inline)) float Abs_Derivative(float x, float y, float a)
{
    return x > 0.0f ? 1.0f : x < 0.0f ? (-1.0f) : 0.0f;
}

// ClampMax

static inline __attribute__((always_inline)) float ClampMax_Value(float x, float a)
{
    return eng_min(x, a);
}

static inline __attribute__((always_inline)) float ClampMax_Derivative(float x, float y, float a)
{
    return x <= a ? 1.0f : 0.0f;
}

// ClampMin

static inline __attribute__((always_inline)) float ClampMin_Value(float x, float a)
{
    return eng_max(x, a);
}

static inline __attribute__((always_inline)) float ClampMin_Derivative(float x, float y, float a)
{
    return x >= a ? 1.0f : 0.0f;
}

// Cos

static inline __attribute__((always_inline)) float Cos_Value(float x, float a)
{
    return cos(x);
}

static inline __attribute__((always_inline)) float Cos_Derivative(float x, float y, float a)
{
    return -sin(x);
}

// DivideBy

static inline __attribute__((always_inline)) float DivideBy_Value(float x, float a)
{
    return x / a;
}

static inline __attribute__((always_inline)) float DivideBy_Derivative(float x, float y, float a)
{
    return 1.0f / a;
}

// DivideInto

static inline __attribute__((always_inline)) float DivideInto_Value(float x, float a)
{
    return a / x;
}

static inline __attribute__((always_inline)) float DivideInto_Derivative(float x, float y, float a)
{
    return -(a / x) / x;
}

// Elu

static inline __attribute__((always_inline)) float Elu_Value(float x, float a)
{
    return x > 0.0f ? x : a * expm1(x);
}

static inline __attribute__((always_inline)) float Elu_Derivative(float x, float y, float a)
{
    return x > 0.0f ? 1.0f : a * exp(x);
}

// Erf

static inline __attribute__((always_inline)) float Erf_Value(float x, float a)
{
    return erf(x);
}

static inline __attribute__((always_inline)) float Erf_Derivative(float x, float y, float a)
{
    return 1.1283792f * exp(-x * x);
}

// Exp

static inline __attribute__((always_inline)) float Exp_Value(float x, float a)
{
    return exp(x);
}

static inline __attribute__((always_inline)) float Exp_Derivative(float x, float y, float a)
{
    return y;
}

// Gelu

static inline __attribute__((always_inline)) float Gelu_Value(float x, float a)
{
    return x * 0.5f * (1.0f + erf(0.70710677f * x));
}

static inline __attribute__((always_inline)) float Gelu_Derivative(float x, float y, float a)
{
    return (0.5f * (1.0f + erf(0.70710677f * x))) + (x * 0.3989423f * exp((-0.5f) * x * x));
}

// GeluTanh

static inline __attribute__((always_inline)) float GeluTanh_Value(float x, float a)
{
    return 0.5f * x * (1.0f + eng_tanh(0.7978846f * (x + (0.044715f * x * x * x))));
}

static inline __attribute__((always_inline)) float GeluTanh_Derivative(float x, float y, float a)
{
    float t = eng_tanh(0.7978846f * (x + (0.044715f * x * x * x)));
    float du = 0.7978846f * (1.0f + (0.134145f * x * x));
    return (0.5f * (1.0f + t)) + (0.5f * x * (1.0f - (t * t)) * du);
}

// HardSwish

static inline __attribute__((always_inline)) float HardSwish_Value(float x, float a)
{
    return x * eng_min(eng_max(x + 3.0f, 0.0f), 6.0f) / 6.0f;
}

static inline __attribute__((always_inline)) float HardSwish_Derivative(float x, float y, float a)
{
    return x < (-3.0f) ? 0.0f : x <= 3.0f ? (x / 3.0f) + 0.5f : 1.0f;
}

// Identity

static inline __attribute__((always_inline)) float Identity_Value(float x, float a)
{
    return x;
}

static inline __attribute__((always_inline)) float Identity_Derivative(float x, float y, float a)
{
    return 1.0f;
}

// LeakyRelu

static inline __attribute__((always_inline)) float LeakyRelu_Value(float x, float a)
{
    return x > 0.0f ? x : a * x;
}

static inline __attribute__((always_inline)) float LeakyRelu_Derivative(float x, float y, float a)
{
    return x > 0.0f ? 1.0f : a;
}

// Log

static inline __attribute__((always_inline)) float Log_Value(float x, float a)
{
    return log(x);
}

static inline __attribute__((always_inline)) float Log_Derivative(float x, float y, float a)
{
    return 1.0f / x;
}

// LogSigmoid

static inline __attribute__((always_inline)) float LogSigmoid_Value(float x, float a)
{
    return eng_min(x, 0.0f) - log1p(exp(-fabs(x)));
}

static inline __attribute__((always_inline)) float LogSigmoid_Derivative(float x, float y, float a)
{
    return 1.0f / (1.0f + exp(x));
}

// Mish

static inline __attribute__((always_inline)) float Mish_Gate(float x)
{
    float z = exp(-fabs(x));
    float n = x >= 0.0f ? 1.0f + (2.0f * z) : z * (z + 2.0f);
    return n / (n + (x >= 0.0f ? 2.0f * z * z : 2.0f));
}

static inline __attribute__((always_inline)) float Mish_Value(float x, float a)
{
    return x * Mish_Gate(x);
}

static inline __attribute__((always_inline)) float Sigmoid_Value(float x, float a)
{
    return 1.0f / (1.0f + exp(-x));
}

static inline __attribute__((always_inline)) float Mish_Derivative(float x, float y, float a)
{
    float w = Mish_Gate(x);
    return w + (x * (1.0f - (w * w)) * Sigmoid_Value(x, 0.0f));
}

// Pow

static inline __attribute__((always_inline)) float Pow_Value(float x, float a)
{
    return pow(x, a);
}

static inline __attribute__((always_inline)) float Pow_Derivative(float x, float y, float a)
{
    return a == 0.0f ? 0.0f : a * pow(x, a - 1.0f);
}

// QuickGelu

static inline __attribute__((always_inline)) float Sigmoid_Value(float x, float a)
{
    return 1.0f / (1.0f + exp(-x));
}

static inline __attribute__((always_inline)) float QuickGelu_Value(float x, float a)
{
    return x * Sigmoid_Value(1.702f * x, 0.0f);
}

static inline __attribute__((always_inline)) float QuickGelu_Derivative(float x, float y, float a)
{
    float s = Sigmoid_Value(1.702f * x, 0.0f);
    return s + (1.702f * x * s * (1.0f - s));
}

// Relu

static inline __attribute__((always_inline)) float Relu_Value(float x, float a)
{
    return eng_max(x, 0.0f);
}

static inline __attribute__((always_inline)) float Relu_Derivative(float x, float y, float a)
{
    return y > 0.0f ? 1.0f : 0.0f;
}

// ReluSquared

static inline __attribute__((always_inline)) float ReluSquared_Value(float x, float a)
{
    return eng_max(x, 0.0f) * eng_max(x, 0.0f);
}

static inline __attribute__((always_inline)) float ReluSquared_Derivative(float x, float y, float a)
{
    return 2.0f * eng_max(x, 0.0f);
}

// Rsqrt

static inline __attribute__((always_inline)) float Rsqrt_Value(float x, float a)
{
    return rsqrt(x);
}

static inline __attribute__((always_inline)) float Rsqrt_Derivative(float x, float y, float a)
{
    return (-0.5f) * y * y * y;
}

// Scale

static inline __attribute__((always_inline)) float Scale_Value(float x, float a)
{
    return a * x;
}

static inline __attribute__((always_inline)) float Scale_Derivative(float x, float y, float a)
{
    return a;
}

// Shift

static inline __attribute__((always_inline)) float Shift_Value(float x, float a)
{
    return x + a;
}

static inline __attribute__((always_inline)) float Shift_Derivative(float x, float y, float a)
{
    return 1.0f;
}

// Sigmoid

static inline __attribute__((always_inline)) float Sigmoid_Value(float x, float a)
{
    return 1.0f / (1.0f + exp(-x));
}

static inline __attribute__((always_inline)) float Sigmoid_Derivative(float x, float y, float a)
{
    return y * (1.0f - y);
}

// Silu

static inline __attribute__((always_inline)) float Sigmoid_Value(float x, float a)
{
    return 1.0f / (1.0f + exp(-x));
}

static inline __attribute__((always_inline)) float Silu_Value(float x, float a)
{
    return x * Sigmoid_Value(x, 0.0f);
}

static inline __attribute__((always_inline)) float Silu_Derivative(float x, float y, float a)
{
    float s = Sigmoid_Value(x, 0.0f);
    return s * (1.0f + (x * (1.0f - s)));
}

// Sin

static inline __attribute__((always_inline)) float Sin_Value(float x, float a)
{
    return sin(x);
}

static inline __attribute__((always_inline)) float Sin_Derivative(float x, float y, float a)
{
    return cos(x);
}

// Softplus

static inline __attribute__((always_inline)) float Softplus_Value(float x, float a)
{
    return eng_max(x, 0.0f) + log1p(exp(-fabs(x)));
}

static inline __attribute__((always_inline)) float Sigmoid_Value(float x, float a)
{
    return 1.0f / (1.0f + exp(-x));
}

static inline __attribute__((always_inline)) float Softplus_Derivative(float x, float y, float a)
{
    return Sigmoid_Value(x, 0.0f);
}

// Sqrt

static inline __attribute__((always_inline)) float Sqrt_Value(float x, float a)
{
    return sqrt(x);
}

static inline __attribute__((always_inline)) float Sqrt_Derivative(float x, float y, float a)
{
    return 0.5f / y;
}

// Square

static inline __attribute__((always_inline)) float Square_Value(float x, float a)
{
    return x * x;
}

static inline __attribute__((always_inline)) float Square_Derivative(float x, float y, float a)
{
    return 2.0f * x;
}

// SubtractFrom

static inline __attribute__((always_inline)) float SubtractFrom_Value(float x, float a)
{
    return a - x;
}

static inline __attribute__((always_inline)) float SubtractFrom_Derivative(float x, float y, float a)
{
    return (-1.0f);
}

// Tanh

static inline __attribute__((always_inline)) float Tanh_Value(float x, float a)
{
    return eng_tanh(x);
}

static inline __attribute__((always_inline)) float Tanh_Derivative(float x, float y, float a)
{
    return 1.0f - (y * y);
}
