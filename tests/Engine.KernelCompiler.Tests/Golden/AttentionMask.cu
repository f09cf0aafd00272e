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

static __device__ __forceinline__ bool AttentionShape_LooksBack(AttentionShape self)
{
    return self.Causal || self.Window > 0;
}

static __device__ __forceinline__ int AttentionShape_EndKey(AttentionShape self, int i)
{
    return AttentionShape_LooksBack(self) ? eng_max_i32(0, i + self.Tk - self.Tq + 1) : self.Tk;
}

extern "C" __global__ void __launch_bounds__(LANES) AttentionMask(int* keyMask, float* mask, AttentionShape shape, float hidden)
{
    int i = (int)(eng_block() % shape.Tq);
    i64 batch = eng_block() / shape.Tq;
    float* row = mask + ((i64)eng_block() * shape.Tk);
    for (int j = eng_lane(); j < shape.Tk; j += LANES)
    {
        bool real = !(keyMask != 0) || keyMask[(batch * shape.Tk) + j] != 0;
        row[j] = real && j >= AttentionShape_FirstKey(shape, i) && j < AttentionShape_EndKey(shape, i) ? 0.0f : hidden;
    }
}
