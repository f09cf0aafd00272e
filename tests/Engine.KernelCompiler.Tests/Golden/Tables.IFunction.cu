// Abs

static __device__ __forceinline__ float Abs_Value(float x, float a)
{
    return fabsf(x);
}

static __device__ __forceinline__ float Abs_Derivative(float x, float y, float a)
{
    return x > 0.0f ? 1.0f : x < 0.0f ? (-1.0f) : 0.0f;
}

// ClampMax

static __device__ __forceinline__ float ClampMax_Value(float x, float a)
{
    return eng_min(x, a);
}

static __device__ __forceinline__ float ClampMax_Derivative(float x, float y, float a)
{
    return x <= a ? 1.0f : 0.0f;
}

// ClampMin

static __device__ __forceinline__ float ClampMin_Value(float x, float a)
{
    return eng_max(x, a);
}

static __device__ __forceinline__ float ClampMin_Derivative(float x, float y, float a)
{
    return x >= a ? 1.0f : 0.0f;
}

// Cos

static __device__ __forceinline__ float Cos_Value(float x, float a)
{
    return cosf(x);
}

static __device__ __forceinline__ float Cos_Derivative(float x, float y, float a)
{
    return -sinf(x);
}

// DivideBy

static __device__ __forceinline__ float DivideBy_Value(float x, float a)
{
    return x / a;
}

static __device__ __forceinline__ float DivideBy_Derivative(float x, float y, float a)
{
    return 1.0f / a;
}

// DivideInto

static __device__ __forceinline__ float DivideInto_Value(float x, float a)
{
    return a / x;
}

static __device__ __forceinline__ float DivideInto_Derivative(float x, float y, float a)
{
    return -(a / x) / x;
}

// Elu

static __device__ __forceinline__ float Elu_Value(float x, float a)
{
    return x > 0.0f ? x : a * expm1f(x);
}

static __device__ __forceinline__ float Elu_Derivative(float x, float y, float a)
{
    return x > 0.0f ? 1.0f : a * expf(x);
}

// Erf

static __device__ __forceinline__ float Erf_Value(float x, float a)
{
    return erff(x);
}

static __device__ __forceinline__ float Erf_Derivative(float x, float y, float a)
{
    return 1.1283792f * expf(-x * x);
}

// Exp

static __device__ __forceinline__ float Exp_Value(float x, float a)
{
    return expf(x);
}

static __device__ __forceinline__ float Exp_Derivative(float x, float y, float a)
{
    return y;
}

// Gelu

static __device__ __forceinline__ float Gelu_Value(float x, float a)
{
    return x * 0.5f * (1.0f + erff(0.70710677f * x));
}

static __device__ __forceinline__ float Gelu_Derivative(float x, float y, float a)
{
    return (0.5f * (1.0f + erff(0.70710677f * x))) + (x * 0.3989423f * expf((-0.5f) * x * x));
}

// GeluTanh

static __device__ __forceinline__ float GeluTanh_Value(float x, float a)
{
    return 0.5f * x * (1.0f + tanhf(0.7978846f * (x + (0.044715f * x * x * x))));
}

static __device__ __forceinline__ float GeluTanh_Derivative(float x, float y, float a)
{
    float t = tanhf(0.7978846f * (x + (0.044715f * x * x * x)));
    float du = 0.7978846f * (1.0f + (0.134145f * x * x));
    return (0.5f * (1.0f + t)) + (0.5f * x * (1.0f - (t * t)) * du);
}

// HardSwish

static __device__ __forceinline__ float HardSwish_Value(float x, float a)
{
    return x * eng_min(eng_max(x + 3.0f, 0.0f), 6.0f) / 6.0f;
}

static __device__ __forceinline__ float HardSwish_Derivative(float x, float y, float a)
{
    return x < (-3.0f) ? 0.0f : x <= 3.0f ? (x / 3.0f) + 0.5f : 1.0f;
}

// Identity

static __device__ __forceinline__ float Identity_Value(float x, float a)
{
    return x;
}

static __device__ __forceinline__ float Identity_Derivative(float x, float y, float a)
{
    return 1.0f;
}

// LeakyRelu

static __device__ __forceinline__ float LeakyRelu_Value(float x, float a)
{
    return x > 0.0f ? x : a * x;
}

static __device__ __forceinline__ float LeakyRelu_Derivative(float x, float y, float a)
{
    return x > 0.0f ? 1.0f : a;
}

// Log

static __device__ __forceinline__ float Log_Value(float x, float a)
{
    return logf(x);
}

static __device__ __forceinline__ float Log_Derivative(float x, float y, float a)
{
    return 1.0f / x;
}

// LogSigmoid

static __device__ __forceinline__ float LogSigmoid_Value(float x, float a)
{
    return eng_min(x, 0.0f) - log1pf(expf(-fabsf(x)));
}

static __device__ __forceinline__ float LogSigmoid_Derivative(float x, float y, float a)
{
    return 1.0f / (1.0f + expf(x));
}

// Mish

static __device__ __forceinline__ float Mish_Gate(float x)
{
    float z = expf(-fabsf(x));
    float n = x >= 0.0f ? 1.0f + (2.0f * z) : z * (z + 2.0f);
    return n / (n + (x >= 0.0f ? 2.0f * z * z : 2.0f));
}

static __device__ __forceinline__ float Mish_Value(float x, float a)
{
    return x * Mish_Gate(x);
}

static __device__ __forceinline__ float Sigmoid_Value(float x, float a)
{
    return 1.0f / (1.0f + expf(-x));
}

static __device__ __forceinline__ float Mish_Derivative(float x, float y, float a)
{
    float w = Mish_Gate(x);
    return w + (x * (1.0f - (w * w)) * Sigmoid_Value(x, 0.0f));
}

// Pow

static __device__ __forceinline__ float Pow_Value(float x, float a)
{
    return powf(x, a);
}

static __device__ __forceinline__ float Pow_Derivative(float x, float y, float a)
{
    return a == 0.0f ? 0.0f : a * powf(x, a - 1.0f);
}

// QuickGelu

static __device__ __forceinline__ float Sigmoid_Value(float x, float a)
{
    return 1.0f / (1.0f + expf(-x));
}

static __device__ __forceinline__ float QuickGelu_Value(float x, float a)
{
    return x * Sigmoid_Value(1.702f * x, 0.0f);
}

static __device__ __forceinline__ float QuickGelu_Derivative(float x, float y, float a)
{
    float s = Sigmoid_Value(1.702f * x, 0.0f);
    return s + (1.702f * x * s * (1.0f - s));
}

// Relu

static __device__ __forceinline__ float Relu_Value(float x, float a)
{
    return eng_max(x, 0.0f);
}

static __device__ __forceinline__ float Relu_Derivative(float x, float y, float a)
{
    return y > 0.0f ? 1.0f : 0.0f;
}

// ReluSquared

static __device__ __forceinline__ float ReluSquared_Value(float x, float a)
{
    return eng_max(x, 0.0f) * eng_max(x, 0.0f);
}

static __device__ __forceinline__ float ReluSquared_Derivative(float x, float y, float a)
{
    return 2.0f * eng_max(x, 0.0f);
}

// Rsqrt

static __device__ __forceinline__ float Rsqrt_Value(float x, float a)
{
    return rsqrtf(x);
}

static __device__ __forceinline__ float Rsqrt_Derivative(float x, float y, float a)
{
    return (-0.5f) * y * y * y;
}

// Scale

static __device__ __forceinline__ float Scale_Value(float x, float a)
{
    return a * x;
}

static __device__ __forceinline__ float Scale_Derivative(float x, float y, float a)
{
    return a;
}

// Shift

static __device__ __forceinline__ float Shift_Value(float x, float a)
{
    return x + a;
}

static __device__ __forceinline__ float Shift_Derivative(float x, float y, float a)
{
    return 1.0f;
}

// Sigmoid

static __device__ __forceinline__ float Sigmoid_Value(float x, float a)
{
    return 1.0f / (1.0f + expf(-x));
}

static __device__ __forceinline__ float Sigmoid_Derivative(float x, float y, float a)
{
    return y * (1.0f - y);
}

// Silu

static __device__ __forceinline__ float Sigmoid_Value(float x, float a)
{
    return 1.0f / (1.0f + expf(-x));
}

static __device__ __forceinline__ float Silu_Value(float x, float a)
{
    return x * Sigmoid_Value(x, 0.0f);
}

static __device__ __forceinline__ float Silu_Derivative(float x, float y, float a)
{
    float s = Sigmoid_Value(x, 0.0f);
    return s * (1.0f + (x * (1.0f - s)));
}

// Sin

static __device__ __forceinline__ float Sin_Value(float x, float a)
{
    return sinf(x);
}

static __device__ __forceinline__ float Sin_Derivative(float x, float y, float a)
{
    return cosf(x);
}

// Softplus

static __device__ __forceinline__ float Softplus_Value(float x, float a)
{
    return eng_max(x, 0.0f) + log1pf(expf(-fabsf(x)));
}

static __device__ __forceinline__ float Sigmoid_Value(float x, float a)
{
    return 1.0f / (1.0f + expf(-x));
}

static __device__ __forceinline__ float Softplus_Derivative(float x, float y, float a)
{
    return Sigmoid_Value(x, 0.0f);
}

// Sqrt

static __device__ __forceinline__ float Sqrt_Value(float x, float a)
{
    return sqrtf(x);
}

static __device__ __forceinline__ float Sqrt_Derivative(float x, float y, float a)
{
    return 0.5f / y;
}

// Square

static __device__ __forceinline__ float Square_Value(float x, float a)
{
    return x * x;
}

static __device__ __forceinline__ float Square_Derivative(float x, float y, float a)
{
    return 2.0f * x;
}

// SubtractFrom

static __device__ __forceinline__ float SubtractFrom_Value(float x, float a)
{
    return a - x;
}

static __device__ __forceinline__ float SubtractFrom_Derivative(float x, float y, float a)
{
    return (-1.0f);
}

// Tanh

static __device__ __forceinline__ float Tanh_Value(float x, float a)
{
    return tanhf(x);
}

static __device__ __forceinline__ float Tanh_Derivative(float x, float y, float a)
{
    return 1.0f - (y * y);
}
