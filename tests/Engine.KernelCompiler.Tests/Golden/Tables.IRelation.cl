// EqualTo

static inline __attribute__((always_inline)) bool EqualTo_Holds_float(float a, float b)
{
    return a == b;
}

static inline __attribute__((always_inline)) bool EqualTo_Holds_int(int a, int b)
{
    return a == b;
}

// Greater

static inline __attribute__((always_inline)) bool Greater_Holds_float(float a, float b)
{
    return a > b;
}

static inline __attribute__((always_inline)) bool Greater_Holds_int(int a, int b)
{
    return a > b;
}

// GreaterOrEqual

static inline __attribute__((always_inline)) bool GreaterOrEqual_Holds_float(float a, float b)
{
    return a >= b;
}

static inline __attribute__((always_inline)) bool GreaterOrEqual_Holds_int(int a, int b)
{
    return a >= b;
}

// Less

static inline __attribute__((always_inline)) bool Less_Holds_float(float a, float b)
{
    return a < b;
}

static inline __attribute__((always_inline)) bool Less_Holds_int(int a, int b)
{
    return a < b;
}

// LessOrEqual

static inline __attribute__((always_inline)) bool LessOrEqual_Holds_float(float a, float b)
{
    return a <= b;
}

static inline __attribute__((always_inline)) bool LessOrEqual_Holds_int(int a, int b)
{
    return a <= b;
}

// NotEqualTo

static inline __attribute__((always_inline)) bool NotEqualTo_Holds_float(float a, float b)
{
    return a != b;
}

static inline __attribute__((always_inline)) bool NotEqualTo_Holds_int(int a, int b)
{
    return a != b;
}
