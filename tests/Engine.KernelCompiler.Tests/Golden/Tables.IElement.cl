// Float32Element

static inline __attribute__((always_inline)) float Float32Element_Load_float(float stored)
{
    return stored;
}

static inline __attribute__((always_inline)) float Float32Element_Store_float(float value)
{
    return value;
}

// Int32Element

static inline __attribute__((always_inline)) float Int32Element_Load_int(int stored)
{
    return stored;
}

static inline __attribute__((always_inline)) int Int32Element_Store_int(float value)
{
    return eng_f32_to_i32(value);
}
