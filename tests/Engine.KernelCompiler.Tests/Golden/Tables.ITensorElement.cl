// BFloat16Element

static inline __attribute__((always_inline)) void BFloat16Element_MultiplyAdd_bf16(FragmentC* c, FragmentA a, FragmentB b)
{
    eng_fragment_multiply_add_bf16(c, a, b);
}

static inline __attribute__((always_inline)) float BFloat16Element_Load_bf16(bf16 stored)
{
    return eng_bf16_to_f32(stored);
}

static inline __attribute__((always_inline)) bf16 BFloat16Element_Store_bf16(float value)
{
    return eng_f32_to_bf16(value);
}

// Float16Element

static inline __attribute__((always_inline)) void Float16Element_MultiplyAdd_f16(FragmentC* c, FragmentA a, FragmentB b)
{
    eng_fragment_multiply_add_f16(c, a, b);
}

static inline __attribute__((always_inline)) float Float16Element_Load_f16(f16 stored)
{
    return eng_f16_to_f32(stored);
}

static inline __attribute__((always_inline)) f16 Float16Element_Store_f16(float value)
{
    return eng_f32_to_f16(value);
}
