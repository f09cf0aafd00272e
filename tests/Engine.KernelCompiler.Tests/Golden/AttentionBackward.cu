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

static __device__ __forceinline__ int Attention_EndKey(AttentionShape s, int* ranges, int batch, int i)
{
    int end = AttentionShape_EndKey(s, i);
    return ranges != 0 ? eng_min_i32(end, ranges[(2LL * (((i64)batch * s.Tq) + i)) + 1LL]) : end;
}

static __device__ __forceinline__ int AttentionShape_FirstKey(AttentionShape self, int i)
{
    return self.Window > 0 ? eng_max_i32(0, i + self.Tk - self.Tq - self.Window + 1) : 0;
}

static __device__ __forceinline__ int Attention_FirstKey(AttentionShape s, int* ranges, int batch, int i)
{
    int first = AttentionShape_FirstKey(s, i);
    return ranges != 0 ? eng_max_i32(first, ranges[2LL * (((i64)batch * s.Tq) + i)]) : first;
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

static __device__ __forceinline__ void AttentionBackward_Pair_shared_shared(float* p, float* dS, int at, int batch, int h, int i, int j, HeadLayout lo, HeadLayout lq, float* q, HeadLayout lk, AttentionShape shape, float* k, float* dO, HeadLayout lv, float* v, float* o, float* bias, int* keyMask, float* lse)
{
    i64 row = HeadLayout_At(lo, batch, h, i);
    float s = 0.0f;
    float bracket = 0.0f;
    Attention_Products_float_Float32Element(q + HeadLayout_At(lq, batch, h, i), k + HeadLayout_At(lk, batch, h / AttentionShape_Group(shape), j), dO + row, v + HeadLayout_At(lv, batch, h / AttentionShape_Group(shape), j), o + row, shape.D, &s, &bracket);
    s = Attention_Score(s, bias, keyMask, shape, batch, h, i, j);
    p[at] = expf(s - lse[((((i64)batch * shape.Hq) + h) * shape.Tq) + i]);
    dS[at] = p[at] * bracket * shape.Scale;
}

static __device__ __forceinline__ void AttentionBackward_Query_shared_shared(int left, float* p, float* dS, int batch, int h, int i, AttentionShape shape, int* keyRanges, HeadLayout lo, HeadLayout lq, float* q, HeadLayout lk, float* k, float* dO, HeadLayout lv, float* v, float* o, float* bias, int* keyMask, float* lse, HeadLayout ldQ, float* dQ)
{
    int own = (128 + LANES - 1) / LANES;
    float sums[(128 + LANES - 1) / LANES] = {0};
    int end = Attention_EndKey(shape, keyRanges, batch, i);
    for (int start = Attention_FirstKey(shape, keyRanges, batch, i); start < end; start += 128)
    {
        int n = eng_min_i32(128, end - start);
        for (int j = eng_lane(); j < n; j += LANES)
        {
            AttentionBackward_Pair_shared_shared(p, dS, j, batch, h, i, start + j, lo, lq, q, lk, shape, k, dO, lv, v, o, bias, keyMask, lse);
        }
        eng_barrier();
        #pragma unroll
        for (int c = 0; c < own; c++)
        {
            int d = left + (c * LANES) + eng_lane();
            for (int j = 0; j < n && d < shape.D; j++)
            {
                sums[c] += dS[j] * Float32Element_Load_float(k[HeadLayout_At(lk, batch, h / AttentionShape_Group(shape), start + j) + d]);
            }
        }
        eng_barrier();
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

static __device__ __forceinline__ int AttentionShape_FirstQuery(AttentionShape self, int j)
{
    return AttentionShape_LooksBack(self) ? eng_max_i32(0, j - (self.Tk - self.Tq)) : 0;
}

static __device__ __forceinline__ int Attention_FirstQuery(AttentionShape s, int* ranges, int batch, int j)
{
    int first = AttentionShape_FirstQuery(s, j);
    return ranges != 0 ? eng_max_i32(first, ranges[2LL * (((i64)batch * s.Tk) + j)]) : first;
}

static __device__ __forceinline__ int AttentionShape_EndQuery(AttentionShape self, int j)
{
    return self.Window > 0 ? eng_max_i32(0, eng_min_i32(self.Tq, j - (self.Tk - self.Tq) + self.Window)) : self.Tq;
}

static __device__ __forceinline__ int Attention_EndQuery(AttentionShape s, int* ranges, int batch, int j)
{
    int end = AttentionShape_EndQuery(s, j);
    return ranges != 0 ? eng_min_i32(end, ranges[(2LL * (((i64)batch * s.Tk) + j)) + 1LL]) : end;
}

static __device__ __forceinline__ void AttentionBackward_Key_shared_shared(int left, float* p, float* dS, int batch, int kvHead, int j, AttentionShape shape, int* queryRanges, HeadLayout lo, HeadLayout lq, float* q, HeadLayout lk, float* k, float* dO, HeadLayout lv, float* v, float* o, float* bias, int* keyMask, float* lse, HeadLayout ldK, float* dK, HeadLayout ldV, float* dV)
{
    int own = (128 + LANES - 1) / LANES;
    float keySums[(128 + LANES - 1) / LANES] = {0};
    float valueSums[(128 + LANES - 1) / LANES] = {0};
    int first = Attention_FirstQuery(shape, queryRanges, batch, j);
    int end = Attention_EndQuery(shape, queryRanges, batch, j);
    for (int h = kvHead * AttentionShape_Group(shape); h < (kvHead + 1) * AttentionShape_Group(shape); h++)
    {
        for (int start = first; start < end; start += 128)
        {
            int n = eng_min_i32(128, end - start);
            for (int i = eng_lane(); i < n; i += LANES)
            {
                AttentionBackward_Pair_shared_shared(p, dS, i, batch, h, start + i, j, lo, lq, q, lk, shape, k, dO, lv, v, o, bias, keyMask, lse);
            }
            eng_barrier();
            #pragma unroll
            for (int c = 0; c < own; c++)
            {
                int d = left + (c * LANES) + eng_lane();
                for (int i = 0; i < n && d < shape.D; i++)
                {
                    keySums[c] += dS[i] * Float32Element_Load_float(q[HeadLayout_At(lq, batch, h, start + i) + d]);
                    valueSums[c] += p[i] * Float32Element_Load_float(dO[HeadLayout_At(lo, batch, h, start + i) + d]);
                }
            }
            eng_barrier();
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

extern "C" __global__ void __launch_bounds__(LANES) AttentionBackward(float* q, float* k, float* v, float* o, float* lse, int* keyMask, float* bias, int* keyRanges, int* queryRanges, float* dO, float* dQ, float* dK, float* dV, HeadLayout lq, HeadLayout lk, HeadLayout lv, HeadLayout lo, HeadLayout ldQ, HeadLayout ldK, HeadLayout ldV, AttentionShape shape)
{
    __shared__ __align__(16) float p[128];
    __shared__ __align__(16) float dS[128];
    i64 queries = Attention_QueryBlocks(shape);
    for (int left = 0; left < shape.D; left += 128)
    {
        if (eng_block() < queries)
        {
            if (dQ != 0)
            {
                AttentionBackward_Query_shared_shared(left, p, dS, (int)(eng_block() / shape.Tq / shape.Hq), (int)(eng_block() / shape.Tq % shape.Hq), (int)(eng_block() % shape.Tq), shape, keyRanges, lo, lq, q, lk, k, dO, lv, v, o, bias, keyMask, lse, ldQ, dQ);
            }
        }
        else
        {
            if (dK != 0)
            {
                i64 index = eng_block() - queries;
                AttentionBackward_Key_shared_shared(left, p, dS, (int)(index / shape.Tk / shape.Hk), (int)(index / shape.Tk % shape.Hk), (int)(index % shape.Tk), shape, queryRanges, lo, lq, q, lk, k, dO, lv, v, o, bias, keyMask, lse, ldK, dK, ldV, dV);
            }
        }
    }
}
