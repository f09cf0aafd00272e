// AttentionMask

typedef struct
{
    int B;
    int Hq;
    int Hk;
    int Tq;
    int Tk;
    int D;
    float Scale;
    u8 Causal;
    int Window;
} AttentionShape;

static inline __attribute__((always_inline)) int AttentionShape_FirstKey(AttentionShape self, int i)
{
    return self.Window > 0 ? eng_max_i32(0, i + self.Tk - self.Tq - self.Window + 1) : 0;
}

static inline __attribute__((always_inline)) int Attention_FirstKey(AttentionShape s, __global int* ranges, int batch, int i)
{
    int first = AttentionShape_FirstKey(s, i);
    return ranges != 0 ? eng_max_i32(first, ranges[2L * (((i64)batch * s.Tq) + i)]) : first;
}

static inline __attribute__((always_inline)) bool AttentionShape_LooksBack(AttentionShape self)
{
    return self.Causal || self.Window > 0;
}

static inline __attribute__((always_inline)) int AttentionShape_EndKey(AttentionShape self, int i)
{
    return AttentionShape_LooksBack(self) ? eng_max_i32(0, i + self.Tk - self.Tq + 1) : self.Tk;
}

static inline __attribute__((always_inline)) int Attention_EndKey(AttentionShape s, __global int* ranges, int batch, int i)
{
    int end = AttentionShape_EndKey(s, i);
    return ranges != 0 ? eng_min_i32(end, ranges[(2L * (((i64)batch * s.Tq) + i)) + 1L]) : end;
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void AttentionMask(__global int* keyMask_base, i64 keyMask_offset, __global int* keyRanges_base, i64 keyRanges_offset, __global float* mask_base, i64 mask_offset, AttentionShape shape, float hidden)
{
    __global int* keyMask = (__global int*)((__global u8*)keyMask_base + keyMask_offset);
    __global int* keyRanges = (__global int*)((__global u8*)keyRanges_base + keyRanges_offset);
    __global float* mask = (__global float*)((__global u8*)mask_base + mask_offset);
    int i = (int)(eng_block() % shape.Tq);
    int batch = (int)(eng_block() / shape.Tq);
    int first = Attention_FirstKey(shape, keyRanges, batch, i);
    int end = Attention_EndKey(shape, keyRanges, batch, i);
    __global float* row = mask + ((i64)eng_block() * shape.Tk);
    for (int j = eng_lane(); j < shape.Tk; j += LANES)
    {
        bool real = !(keyMask != 0) || keyMask[((i64)batch * shape.Tk) + j] != 0;
        row[j] = real && j >= first && j < end ? 0.0f : hidden;
    }
}
