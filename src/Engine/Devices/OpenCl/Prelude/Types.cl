// OpenCL C 1.2: types, places and bit casts. Every function is inlined by force: PoCL 3.1 miscompiles helpers that hold a barrier.

typedef char i8;
typedef uchar u8;
typedef short i16;
typedef ushort u16;
typedef long i64;
typedef ulong u64;
typedef u16 f16;
typedef u16 bf16;

#define ENG_FN static inline __attribute__((always_inline))

ENG_FN int eng_lane(void) { return (int)get_local_id(0); }
ENG_FN i64 eng_block(void) { return (i64)get_group_id(0); }
ENG_FN void eng_barrier(void) { barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE); }

ENG_FN uint eng_bits(float x) { return as_uint(x); }
ENG_FN float eng_from_bits(uint x) { return as_float(x); }
