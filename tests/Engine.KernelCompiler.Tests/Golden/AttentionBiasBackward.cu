// AttentionBiasBackward<Single, Float32Element>

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

static __device__ __forceinline__ i64 HeadLayout_At(HeadLayout self, i64 b, i64 h, i64 t)
{
    return (b * self.Batch) + (h * self.Head) + (t * self.Row);
}

static __device__ __forceinline__ void Attention_Products_float_Float32Element(float* q, float* k, float* dO, float* v, float* o, int D, float* dot_, float* bracket)
{
    float s = 0.0f;
    float t = 0.0f;
    for (int d = 0; d < D; d++)
    {
        s += Float32Element_Load_float(q[d]) * Float32Element_Load_float(k[d]);
        t += Float32Element_Load_float(dO[d]) * (Float32Element_Load_float(v[d]) - Float32Element_Load_float(o[d]));
    }
    (*dot_) = s;
    (*bracket) = t;
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

static __device__ __forceinline__ float AttentionBiasBackward_ScoreGradient(int batch, int h, int i, int j, HeadLayout lo, HeadLayout lq, float* q, HeadLayout lk, AttentionShape shape, float* k, float* dO, HeadLayout lv, float* v, float* o, float* bias, int* keyMask, float* lse)
{
    i64 row = HeadLayout_At(lo, batch, h, i);
    float s = 0.0f;
    float bracket = 0.0f;
    Attention_Products_float_Float32Element(q + HeadLayout_At(lq, batch, h, i), k + HeadLayout_At(lk, batch, h / AttentionShape_Group(shape), j), dO + row, v + HeadLayout_At(lv, batch, h / AttentionShape_Group(shape), j), o + row, shape.D, &s, &bracket);
    s = Attention_Score(s, bias, keyMask, shape, batch, h, i, j);
    return expf(s - lse[((((i64)batch * shape.Hq) + h) * shape.Tq) + i]) * bracket;
}

extern "C" __global__ void __launch_bounds__(LANES) AttentionBiasBackward(float* q, float* k, float* v, float* o, float* lse, int* keyMask, float* bias, int* keyRanges, float* dO, float* dBias, HeadLayout lq, HeadLayout lk, HeadLayout lv, HeadLayout lo, AttentionShape shape, int accumulate)
{
    int i = (int)(eng_block() % shape.Tq);
    int h = (int)(eng_block() / shape.Tq);
    float* row = dBias + ((i64)eng_block() * shape.Tk);
    for (int j = eng_lane(); j < shape.Tk; j += LANES)
    {
        float sum = 0.0f;
        for (int batch = 0; batch < shape.B; batch++)
        {
            if (j >= Attention_FirstKey(shape, keyRanges, batch, i) && j < Attention_EndKey(shape, keyRanges, batch, i))
            {
                sum += AttentionBiasBackward_ScoreGradient(batch, h, i, j, lo, lq, q, lk, shape, k, dO, lv, v, o, bias, keyMask, lse);
            }
        }
        row[j] = accumulate ? row[j] + sum : sum;
    }
}
