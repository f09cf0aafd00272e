// EqualTo

static __device__ __forceinline__ bool EqualTo_Holds_float(float a, float b)
{
    return a == b;
}

static __device__ __forceinline__ bool EqualTo_Holds_int(int a, int b)
{
    return a == b;
}

// Greater

static __device__ __forceinline__ bool Greater_Holds_float(float a, float b)
{
    return a > b;
}

static __device__ __forceinline__ bool Greater_Holds_int(int a, int b)
{
    return a > b;
}

// GreaterOrEqual

static __device__ __forceinline__ bool GreaterOrEqual_Holds_float(float a, float b)
{
    return a >= b;
}

static __device__ __forceinline__ bool GreaterOrEqual_Holds_int(int a, int b)
{
    return a >= b;
}

// Less

static __device__ __forceinline__ bool Less_Holds_float(float a, float b)
{
    return a < b;
}

static __device__ __forceinline__ bool Less_Holds_int(int a, int b)
{
    return a < b;
}

// LessOrEqual

static __device__ __forceinline__ bool LessOrEqual_Holds_float(float a, float b)
{
    return a <= b;
}

static __device__ __forceinline__ bool LessOrEqual_Holds_int(int a, int b)
{
    return a <= b;
}

// NotEqualTo

static __device__ __forceinline__ bool NotEqualTo_Holds_float(float a, float b)
{
    return a != b;
}

static __device__ __forceinline__ bool NotEqualTo_Holds_int(int a, int b)
{
    return a != b;
}
