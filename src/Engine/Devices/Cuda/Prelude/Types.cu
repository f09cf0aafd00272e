// CUDA C++ as NVRTC compiles it, which brings no header of its own: types, places and bit casts.

typedef signed char i8;
typedef unsigned char u8;
typedef short i16;
typedef unsigned short u16;
typedef unsigned int uint;
typedef long long i64;
typedef unsigned long long u64;
typedef u16 f16;
typedef u16 bf16;

#define ENG_FN static __device__ __forceinline__

ENG_FN int eng_lane(void) { return (int)threadIdx.x; }
ENG_FN i64 eng_block(void) { return (i64)blockIdx.x; }
ENG_FN void eng_barrier(void) { __syncthreads(); }

ENG_FN uint eng_bits(float x) { return __float_as_uint(x); }
ENG_FN float eng_from_bits(uint x) { return __uint_as_float(x); }

#if __CUDA_ARCH__ >= 800
#define ENG_HAS_MAX
ENG_FN float eng_max(float a, float b)
{
    float y;
    asm("max.NaN.f32 %0, %1, %2;" : "=f"(y) : "f"(a), "f"(b));
    return y;
}

ENG_FN float eng_min(float a, float b)
{
    float y;
    asm("min.NaN.f32 %0, %1, %2;" : "=f"(y) : "f"(a), "f"(b));
    return y;
}
#endif
