// Float32Element

static __device__ __forceinline__ float Float32Element_Load_float(float stored)
{
    return stored;
}

static __device__ __forceinline__ float Float32Element_Store_float(float value)
{
    return value;
}

// Int32Element

static __device__ __forceinline__ float Int32Element_Load_int(int stored)
{
    return stored;
}

static __device__ __forceinline__ int Int32Element_Store_int(float value)
{
    return eng_f32_to_i32(value);
}
