// Difference

static __device__ __forceinline__ float Difference_Value(float a, float b)
{
    return a - b;
}

static __device__ __forceinline__ float Difference_DerivativeA(float a, float b)
{
    return 1.0f;
}

static __device__ __forceinline__ float Difference_DerivativeB(float a, float b)
{
    return (-1.0f);
}

// Maximum

static __device__ __forceinline__ float Maximum_Value(float a, float b)
{
    return eng_max(a, b);
}

static __device__ __forceinline__ float Maximum_DerivativeA(float a, float b)
{
    return a > b ? 1.0f : a == b ? 0.5f : 0.0f;
}

static __device__ __forceinline__ float Maximum_DerivativeB(float a, float b)
{
    return b > a ? 1.0f : a == b ? 0.5f : 0.0f;
}

// Minimum

static __device__ __forceinline__ float Minimum_Value(float a, float b)
{
    return eng_min(a, b);
}

static __device__ __forceinline__ float Minimum_DerivativeA(float a, float b)
{
    return a < b ? 1.0f : a == b ? 0.5f : 0.0f;
}

static __device__ __forceinline__ float Minimum_DerivativeB(float a, float b)
{
    return b < a ? 1.0f : a == b ? 0.5f : 0.0f;
}

// Product

static __device__ __forceinline__ float Product_Value(float a, float b)
{
    return a * b;
}

static __device__ __forceinline__ float Product_DerivativeA(float a, float b)
{
    return b;
}

static __device__ __forceinline__ float Product_DerivativeB(float a, float b)
{
    return a;
}

// Quotient

static __device__ __forceinline__ float Quotient_Value(float a, float b)
{
    return a / b;
}

static __device__ __forceinline__ float Quotient_DerivativeA(float a, float b)
{
    return 1.0f / b;
}

static __device__ __forceinline__ float Quotient_DerivativeB(float a, float b)
{
    return -a / (b * b);
}

// Sum

static __device__ __forceinline__ float Sum_Value(float a, float b)
{
    return a + b;
}

static __device__ __forceinline__ float Sum_DerivativeA(float a, float b)
{
    return 1.0f;
}

static __device__ __forceinline__ float Sum_DerivativeB(float a, float b)
{
    return 1.0f;
}
