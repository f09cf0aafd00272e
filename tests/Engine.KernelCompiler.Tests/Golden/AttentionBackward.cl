// AttentionBackward<Single, Float32Element>

static inline __attribute__((always_inline)) float Float32Element_Load_float(float stored)
{
    return stored;
}

static inline __attribute__((always_inline)) float Float32Element_Store_float(float value)
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

static inline __attribute__((always_inline)) i64 Attention_QueryBlocks(AttentionShape s)
{
    return (i64)s.B * s.Hq * s.Tq;
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

static inline __attribute__((always_inline)) int AttentionShape_FirstKey(AttentionShape self, int i)
{
    return self.Window > 0 ? eng_max_i32(0, i + self.Tk - self.Tq - self.Window + 1) : 0;
}

static inline __attribute__((always_inline)) int Attention_FirstKey(AttentionShape s, __global int* ranges, int batch, int i)
{
    int first = AttentionShape_FirstKey(s, i);
    return ranges != 0 ? eng_max_i32(first, ranges[2L * (((i64)batch * s.Tq) + i)]) : first;
}

static inline __attribute__((always_inline)) i64 HeadLayout_At(HeadLayout self, i64 b, i64 h, i64 t)
{
    return (b * self.Batch) + (h * self.Head) + (t * self.Row);
}

static inline __attribute__((always_inline)) void Attention_Products_float_Float32Element(__global float* q, __global float* k, __global float* dO, __global float* v, __global float* o, int D, float* dot_, float* bracket)
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

static inline __attribute__((always_inline)) int AttentionShape_Group(AttentionShape self)
{
    return self.Hq / self.Hk;
}

static inline __attribute__((always_inline)) float Attention_Score(float dot_, __global float* bias, __global int* keyMask, AttentionShape shape, int batch, int h, int i, int j)
{
    float s = dot_ * shape.Scale;
    if (bias != 0)
    {
        s += bias[((((i64)h * shape.Tq) + i) * shape.Tk) + j];
    }
    return keyMask != 0 && keyMask[((i64)batch * shape.Tk) + j] == 0 ? (-ENG_INFINITY) : s;
}

static inline __attribute__((always_inline)) void AttentionBackward_Pair_shared_shared(__local float* p, __local float* dS, int at, int batch, int h, int i, int j, HeadLayout lo, HeadLayout lq, __global float* q, HeadLayout lk, AttentionShape shape, __global float* k, __global float* dO, HeadLayout lv, __global float* v, __global float* o, __global float* bias, __global int* keyMask, __global float* lse)
{
    i64 row = HeadLayout_At(lo, batch, h, i);
    float s = 0.0f;
    float bracket = 0.0f;
    Attention_Products_float_Float32Element(q + HeadLayout_At(lq, batch, h, i), k + HeadLayout_At(lk, batch, h / AttentionShape_Group(shape), j), dO + row, v + HeadLayout_At(lv, batch, h / AttentionShape_Group(shape), j), o + row, shape.D, &s, &bracket);
    s = Attention_Score(s, bias, keyMask, shape, batch, h, i, j);
    p[at] = exp(s - lse[((((i64)batch * shape.Hq) + h) * shape.Tq) + i]);
    dS[at] = p[at] * bracket * shape.Scale;
}

static inline __attribute__((always_inline)) void AttentionBackward_Query_shared_shared(int left, __local float* p, __local float* dS, int batch, int h, int i, AttentionShape shape, __global int* keyRanges, HeadLayout lo, HeadLayout lq, __global float* q, HeadLayout lk, __global float* k, __global float* dO, HeadLayout lv, __global float* v, __global float* o, __global float* bias, __global int* keyMask, __global float* lse, HeadLayout ldQ, __global float* dQ)
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
    __global float* dQr = dQ + HeadLayout_At(ldQ, batch, h, i);
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

static inline __attribute__((always_inline)) int AttentionShape_FirstQuery(AttentionShape self, int j)
{
    return AttentionShape_LooksBack(self) ? eng_max_i32(0, j - (self.Tk - self.Tq)) : 0;
}

static inline __attribute__((always_inline)) int Attention_FirstQuery(AttentionShape s, __global int* ranges, int batch, int j)
{
    int first = AttentionShape_FirstQuery(s, j);
    return ranges != 0 ? eng_max_i32(first, ranges[2L * (((i64)batch * s.Tk) + j)]) : first;
}

static inline __attribute__((always_inline)) int AttentionShape_EndQuery(AttentionShape self, int j)
{
    return self.Window > 0 ? eng_max_i32(0, eng_min_i32(self.Tq, j - (self.Tk - self.Tq) + self.Window)) : self.Tq;
}

static inline __attribute__((always_inline)) int Attention_EndQuery(AttentionShape s, __global int* ranges, int batch, int j)
{
    int end = AttentionShape_EndQuery(s, j);
    return ranges != 0 ? eng_min_i32(end, ranges[(2L * (((i64)batch * s.Tk) + j)) + 1L]) : end;
}

static inline __attribute__((always_inline)) void AttentionBackward_Key_shared_shared(int left, __local float* p, __local float* dS, int batch, int kvHead, int j, AttentionShape shape, __global int* queryRanges, HeadLayout lo, HeadLayout lq, __global float* q, HeadLayout lk, __global float* k, __global float* dO, HeadLayout lv, __global float* v, __global float* o, __global float* bias, __global int* keyMask, __global float* lse, HeadLayout ldK, __global float* dK, HeadLayout ldV, __global float* dV)
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
    __global float* dKr = dK + HeadLayout_At(ldK, batch, kvHead, j);
    __global float* dVr = dV + HeadLayout_At(ldV, batch, kvHead, j);
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

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void AttentionBackward(__global float* q_base, i64 q_offset, __global float* k_base, i64 k_offset, __global float* v_base, i64 v_offset, __global float* o_base, i64 o_offset, __global float* lse_base, i64 lse_offset, __global int* keyMask_base, i64 keyMask_offset, __global float* bias_base, i64 bias_offset, __global int* keyRanges_base, i64 keyRanges_offset, __global int* queryRanges_base, i64 queryRanges_offset, __global float* dO_base, i64 dO_offset, __global float* dQ_base, i64 dQ_offset, __global float* dK_base, i64 dK_offset, __global float* dV_base, i64 dV_offset, HeadLayout lq, HeadLayout lk, HeadLayout lv, HeadLayout lo, HeadLayout ldQ, HeadLayout ldK, HeadLayout ldV, AttentionShape shape)
{
    __global float* q = (__global float*)((__global u8*)q_base + q_offset);
    __global float* k = (__global float*)((__global u8*)k_base + k_offset);
    __global float* v = (__global float*)((__global u8*)v_base + v_offset);
    __global float* o = (__global float*)((__global u8*)o_base + o_offset);
    __global float* lse = (__global float*)((__global u8*)lse_base + lse_offset);
    __global int* keyMask = (__global int*)((__global u8*)keyMask_base + keyMask_offset);
    __global float* bias = (__global float*)((__global u8*)bias_base + bias_offset);
    __global int* keyRanges = (__global int*)((__global u8*)keyRanges_base + keyRanges_offset);
    __global int* queryRanges = (__global int*)((__global u8*)queryRanges_base + queryRanges_offset);
    __global float* dO = (__global float*)((__global u8*)dO_base + dO_offset);
    __global float* dQ = (__global float*)((__global u8*)dQ_base + dQ_offset);
    __global float* dK = (__global float*)((__global u8*)dK_base + dK_offset);
    __global float* dV = (__global float*)((__global u8*)dV_base + dV_offset);
    __local float p[128] __attribute__((aligned(16)));
    __local float dS[128] __attribute__((aligned(16)));
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
