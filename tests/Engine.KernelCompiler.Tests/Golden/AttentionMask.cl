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

static inline __attribute__((always_inline)) bool AttentionShape_LooksBack(AttentionShape self)
{
    return self.Causal || self.Window > 0;
}

static inline __attribute__((always_inline)) int AttentionShape_EndKey(AttentionShape self, int i)
{
    return AttentionShape_LooksBack(self) ? eng_max_i32(0, i + self.Tk - self.Tq + 1) : self.Tk;
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void AttentionMask(__global int* keyMask_base, i64 keyMask_offset, __global float* mask_base, i64 mask_offset, AttentionShape shape, float hidden)
{
    __global int* keyMask = (__global int*)((__global u8*)keyMask_base + keyMask_offset);
    __global float* mask = (__global float*)((__global u8*)mask_base + mask_offset);
    int i = (int)(eng_block() % shape.Tq);
    i64 batch = eng_block() / shape.Tq;
    __global float* row = mask + ((i64)eng_block() * shape.Tk);
    for (int j = eng_lane(); j < shape.Tk; j += LANES)
    {
        bool real = !(keyMask != 0) || keyMask[(batch * shape.Tk) + j] != 0;
        row[j] = real && j >= AttentionShape_FirstKey(shape, i) && j < AttentionShape_EndKey(shape, i) ? 0.0f : hidden;
    }
}
