// AttentionBackward<Single, Float32Element>

static __device__ __forceinline__ float Float32Element_Load_float(float stored)
{
    return stored;
}

static __device__ __forceinline__ float Float32Element_Store_float(float value)
{
    return value;
}

typedef struct
{
    i64 Batch;
    i64 Head;
    i64 Row;
} HeadLayout;

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

static __device__ __forceinline__ i64 Attention_QueryBlocks(AttentionShape s)
{
    return (i64)s.B * s.Hq * s.Tq;
}

static __device__ __forceinline__ bool AttentionShape_LooksBack(AttentionShape self)
{
    return self.Causal || self.Window > 0;
}

static __device__ __forceinline__ int AttentionShape_EndKey(AttentionShape self, int i)
{
    return AttentionShape_LooksBack(self) ? eng_max_i32(0, i + self.Tk - self.Tq + 1) : self.Tk;
}

static __device__ __forceinline__ int AttentionShape_FirstKey(AttentionShape self, int i)
{
    return self.Window > 0 ? eng_max_i32(0, i + self.Tk - self.Tq - self.Window + 1) : 0;
}

static __device__ __forceinline__ float Attention_Dot_float_Float32Element(float* x, float* y, int D, eng_scratch s_)
{
    float s = 0.0f;
    for (int d = eng_lane(); d < D; d += LANES)
    {
        s += Float32Element_Load_float(x[d]) * Float32Element_Load_float(y[d]);
    }
    return eng_block_sum(s_, s);
}

static __device__ __forceinline__ i64 HeadLayout_At(HeadLayout self, i64 b, i64 h, i64 t)
{
    return (b * self.Batch) + (h * self.Head) + (t * self.Row);
}

static __device__ __forceinline__ int AttentionShape_Group(AttentionShape self)
{
    return self.Hq / self.Hk;
}

static __device__ __forceinline__ float Attention_Score(float dot_, float* bias, int* keyMask, AttentionShape shape, int batch, int h, int i, int j)
{
    float s = dot_ * shape.Scale;
    if (bias != 0)
    {
        s += bias[((((i64)h * shape.Tq) + i) * shape.Tk) + j];
    }
    return keyMask != 0 && keyMask[((i64)batch * shape.Tk) + j] == 0 ? (-ENG_INFINITY) : s;
}

static __device__ __forceinline__ float AttentionBackward_Probability(int batch, int h, int i, int j, HeadLayout lq, float* q, HeadLayout lk, AttentionShape shape, float* k, float* bias, int* keyMask, float* lse, eng_scratch s_)
{
    float s = Attention_Dot_float_Float32Element(q + HeadLayout_At(lq, batch, h, i), k + HeadLayout_At(lk, batch, h / AttentionShape_Group(shape), j), shape.D, s_);
    return expf(Attention_Score(s, bias, keyMask, shape, batch, h, i, j) - lse[((((i64)batch * shape.Hq) + h) * shape.Tq) + i]);
}

static __device__ __forceinline__ float Attention_DotDifference_float_Float32Element(float* dY, float* v, float* y, int D, eng_scratch s_)
{
    float s = 0.0f;
    for (int d = eng_lane(); d < D; d += LANES)
    {
        s += Float32Element_Load_float(dY[d]) * (Float32Element_Load_float(v[d]) - Float32Element_Load_float(y[d]));
    }
    return eng_block_sum(s_, s);
}

static __device__ __forceinline__ float AttentionBackward_Bracket(int batch, int h, int i, int j, HeadLayout lo, float* dO, HeadLayout lv, AttentionShape shape, float* v, float* o, eng_scratch s_)
{
    i64 at = HeadLayout_At(lo, batch, h, i);
    return Attention_DotDifference_float_Float32Element(dO + at, v + HeadLayout_At(lv, batch, h / AttentionShape_Group(shape), j), o + at, shape.D, s_);
}

static __device__ __forceinline__ void AttentionBackward_Query(int left, int batch, int h, int i, AttentionShape shape, HeadLayout lq, float* q, HeadLayout lk, float* k, float* bias, int* keyMask, float* lse, HeadLayout lo, float* dO, HeadLayout lv, float* v, float* o, HeadLayout ldQ, float* dQ, eng_scratch s_)
{
    int own = (128 + LANES - 1) / LANES;
    float sums[(128 + LANES - 1) / LANES] = {0};
    int end = AttentionShape_EndKey(shape, i);
    for (int j = AttentionShape_FirstKey(shape, i); j < end; j++)
    {
        float dS = AttentionBackward_Probability(batch, h, i, j, lq, q, lk, shape, k, bias, keyMask, lse, s_) * AttentionBackward_Bracket(batch, h, i, j, lo, dO, lv, shape, v, o, s_) * shape.Scale;
        float* kr = k + HeadLayout_At(lk, batch, h / AttentionShape_Group(shape), j);
        #pragma unroll
        for (int c = 0; c < own; c++)
        {
            int d = left + (c * LANES) + eng_lane();
            if (d < shape.D)
            {
                sums[c] += dS * Float32Element_Load_float(kr[d]);
            }
        }
    }
    float* dQr = dQ + HeadLayout_At(ldQ, batch, h, i);
    #pragma unroll
    for (int c = 0; c < own; c++)
    {
        int d = left + (c * LANES) + eng_lane();
        if (d < shape.D)
        {
            dQr[d] = Float32Element_Store_float(sums[c]);
        }
    }
}

static __device__ __forceinline__ int AttentionShape_EndQuery(AttentionShape self, int j)
{
    return self.Window > 0 ? eng_max_i32(0, eng_min_i32(self.Tq, j - (self.Tk - self.Tq) + self.Window)) : self.Tq;
}

static __device__ __forceinline__ int AttentionShape_FirstQuery(AttentionShape self, int j)
{
    return AttentionShape_LooksBack(self) ? eng_max_i32(0, j - (self.Tk - self.Tq)) : 0;
}

static __device__ __forceinline__ void AttentionBackward_Key(int left, int batch, int kvHead, int j, AttentionShape shape, HeadLayout lq, float* q, HeadLayout lk, float* k, float* bias, int* keyMask, float* lse, HeadLayout lo, float* dO, HeadLayout lv, float* v, float* o, HeadLayout ldK, float* dK, HeadLayout ldV, float* dV, eng_scratch s_)
{
    int own = (128 + LANES - 1) / LANES;
    float keySums[(128 + LANES - 1) / LANES] = {0};
    float valueSums[(128 + LANES - 1) / LANES] = {0};
    int end = AttentionShape_EndQuery(shape, j);
    for (int h = kvHead * AttentionShape_Group(shape); h < (kvHead + 1) * AttentionShape_Group(shape); h++)
    {
        for (int i = AttentionShape_FirstQuery(shape, j); i < end; i++)
        {
            float p = AttentionBackward_Probability(batch, h, i, j, lq, q, lk, shape, k, bias, keyMask, lse, s_);
            float dS = p * AttentionBackward_Bracket(batch, h, i, j, lo, dO, lv, shape, v, o, s_) * shape.Scale;
            float* qr = q + HeadLayout_At(lq, batch, h, i);
            float* dOr = dO + HeadLayout_At(lo, batch, h, i);
            #pragma unroll
            for (int c = 0; c < own; c++)
            {
                int d = left + (c * LANES) + eng_lane();
                if (d < shape.D)
                {
                    keySums[c] += dS * Float32Element_Load_float(qr[d]);
                    valueSums[c] += p * Float32Element_Load_float(dOr[d]);
                }
            }
        }
    }
    float* dKr = dK + HeadLayout_At(ldK, batch, kvHead, j);
    float* dVr = dV + HeadLayout_At(ldV, batch, kvHead, j);
    #pragma unroll
    for (int c = 0; c < own; c++)
    {
        int d = left + (c * LANES) + eng_lane();
        if (d < shape.D)
        {
            dKr[d] = Float32Element_Store_float(keySums[c]);
            dVr[d] = Float32Element_Store_float(valueSums[c]);
        }
    }
}

extern "C" __global__ void __launch_bounds__(LANES) AttentionBackward(float* q, float* k, float* v, float* o, float* lse, int* keyMask, float* bias, float* dO, float* dQ, float* dK, float* dV, HeadLayout lq, HeadLayout lk, HeadLayout lv, HeadLayout lo, HeadLayout ldQ, HeadLayout ldK, HeadLayout ldV, AttentionShape shape)
{
    ENG_SCRATCH(s_);
    i64 queries = Attention_QueryBlocks(shape);
    for (int left = 0; left < shape.D; left += 128)
    {
        if (eng_block() < queries)
        {
            if (dQ != 0)
            {
                AttentionBackward_Query(left, (int)(eng_block() / shape.Tq / shape.Hq), (int)(eng_block() / shape.Tq % shape.Hq), (int)(eng_block() % shape.Tq), shape, lq, q, lk, k, bias, keyMask, lse, lo, dO, lv, v, o, ldQ, dQ, s_);
            }
        }
        else
        {
            if (dK != 0)
            {
                i64 index = eng_block() - queries;
                AttentionBackward_Key(left, (int)(index / shape.Tk / shape.Hk), (int)(index / shape.Tk % shape.Hk), (int)(index % shape.Tk), shape, lq, q, lk, k, bias, keyMask, lse, lo, dO, lv, v, o, ldK, dK, ldV, dV, s_);
            }
        }
    }
}
