// Difference

static inline __attribute__((always_inline)) float Difference_Value(float a, float b)
{
    return a - b;
}

static inline __attribute__((always_inline)) float Difference_DerivativeA(float a, float b)
{
    return 1.0f;
}

static inline __attribute__((always_inline)) float Difference_DerivativeB(float a, float b)
{
    return (-1.0f);
}

// Maximum

static inline __attribute__((always_inline)) float Maximum_Value(float a, float b)
{
    return eng_max(a, b);
}

static inline __attribute__((always_inline)) float Maximum_DerivativeA(float a, float b)
{
    return a > b ? 1.0f : a == b ? 0.5f : 0.0f;
}

static inline __attribute__((always_inline)) float Maximum_DerivativeB(float a, float b)
{
    return b > a ? 1.0f : a == b ? 0.5f : 0.0f;
}

// Minimum

static inline __attribute__((always_inline)) float Minimum_Value(float a, float b)
{
    return eng_min(a, b);
}

static inline __attribute__((always_inline)) float Minimum_DerivativeA(float a, float b)
{
    return a < b ? 1.0f : a == b ? 0.5f : 0.0f;
}

static inline __attribute__((always_inline)) float Minimum_DerivativeB(float a, float b)
{
    return b < a ? 1.0f : a == b ? 0.5f : 0.0f;
}

// Product

static inline __attribute__((always_inline)) float Product_Value(float a, float b)
{
    return a * b;
}

static inline __attribute__((always_inline)) float Product_DerivativeA(float a, float b)
{
    return b;
}

static inline __attribute__((always_inline)) float Product_DerivativeB(float a, float b)
{
    return a;
}

// Quotient

static inline __attribute__((always_inline)) float Quotient_Value(float a, float b)
{
    return a / b;
}

static inline __attribute__((always_inline)) float Quotient_DerivativeA(float a, float b)
{
    return 1.0f / b;
}

static inline __attribute__((always_inline)) float Quotient_DerivativeB(float a, float b)
{
    return -a / (b * b);
}

// Sum

static inline __attribute__((always_inline)) float Sum_Value(float a, float b)
{
    return a + b;
}

static inline __attribute__((always_inline)) float Sum_DerivativeA(float a, float b)
{
    return 1.0f;
}

static inline __attribute__((always_inline)) float Sum_DerivativeB(float a, float b)
{
    return 1.0f;
}
