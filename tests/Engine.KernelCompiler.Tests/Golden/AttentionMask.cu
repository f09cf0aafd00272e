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

static __device__ __forceinline__ int AttentionShape_FirstKey(AttentionShape self, int i)
{
    return self.Window > 0 ? eng_max_i32(0, i + self.Tk - self.Tq - self.Window + 1) : 0;
}

static __device__ __forceinline__ int Attention_FirstKey(AttentionShape s, int* ranges, int batch, int i)
{
    int first = AttentionShape_FirstKey(s, i);
    return ranges != 0 ? eng_max_i32(first, ranges[2LL * (((i64)batch * s.Tq) + i)]) : first;
}

static __device__ __forceinline__ bool AttentionShape_LooksBack(AttentionShape self)
{
    return self.Causal || self.Window > 0;
}

static __device__ __forceinline__ int AttentionShape_EndKey(AttentionShape self, int i)
{
    return AttentionShape_LooksBack(self) ? eng_max_i32(0, i + self.Tk - self.Tq + 1) : self.Tk;
}

static __device__ __forceinline__ int Attention_EndKey(AttentionShape s, int* ranges, int batch, int i)
{
    int end = AttentionShape_EndKey(s, i);
    return ranges != 0 ? eng_min_i32(end, ranges[(2LL * (((i64)batch * s.Tq) + i)) + 1LL]) : end;
}

extern "C" __global__ void __launch_bounds__(LANES) AttentionMask(int* keyMask, int* keyRanges, float* mask, AttentionShape shape, float hidden)
{
    int i = (int)(eng_block() % shape.Tq);
    int batch = (int)(eng_block() / shape.Tq);
    int first = Attention_FirstKey(shape, keyRanges, batch, i);
    int end = Attention_EndKey(shape, keyRanges, batch, i);
    float* row = mask + ((i64)eng_block() * shape.Tk);
    for (int j = eng_lane(); j < shape.Tk; j += LANES)
    {
        bool real = !(keyMask != 0) || keyMask[((i64)batch * shape.Tk) + j] != 0;
        row[j] = real && j >= first && j < end ? 0.0f : hidden;
    }
}
