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

static inline __attribute__((always_inline)) int AttentionShape_FirstKey(AttentionShape self, int i)
{
    return self.Window > 0 ? eng_max_i32(0, i + self.Tk - self.Tq - self.Window + 1) : 0;
}

static inline __attribute__((always_inline)) float Attention_Dot_float_Float32Element(__global float* x, __global float* y, int D, eng_scratch s_)
{
    float s = 0.0f;
    for (int d = eng_lane(); d < D; d += LANES)
    {
        s += Float32Element_Load_float(x[d]) * Float32Element_Load_float(y[d]);
    }
    return eng_block_sum(s_, s);
}

static inline __attribute__((always_inline)) i64 HeadLayout_At(HeadLayout self, i64 b, i64 h, i64 t)
{
    return (b * self.Batch) + (h * self.Head) + (t * self.Row);
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

static inline __attribute__((always_inline)) float AttentionBackward_Probability(int batch, int h, int i, int j, HeadLayout lq, __global float* q, HeadLayout lk, AttentionShape shape, __global float* k, __global float* bias, __global int* keyMask, __global float* lse, eng_scratch s_)
{
    float s = Attention_Dot_float_Float32Element(q + HeadLayout_At(lq, batch, h, i), k + HeadLayout_At(lk, batch, h / AttentionShape_Group(shape), j), shape.D, s_);
    return exp(Attention_Score(s, bias, keyMask, shape, batch, h, i, j) - lse[((((i64)batch * shape.Hq) + h) * shape.Tq) + i]);
}

static inline __attribute__((always_inline)) float Attention_DotDifference_float_Float32Element(__global float* dY, __global float* v, __global float* y, int D, eng_scratch s_)
{
    float s = 0.0f;
    for (int d = eng_lane(); d < D; d += LANES)
    {
        s += Float32Element_Load_float(dY[d]) * (Float32Element_Load_float(v[d]) - Float32Element_Load_float(y[d]));
    }
    return eng_block_sum(s_, s);
}

static inline __attribute__((always_inline)) float AttentionBackward_Bracket(int batch, int h, int i, int j, HeadLayout lo, __global float* dO, HeadLayout lv, AttentionShape shape, __global float* v, __global float* o, eng_scratch s_)
{
    i64 at = HeadLayout_At(lo, batch, h, i);
    return Attention_DotDifference_float_Float32Element(dO + at, v + HeadLayout_At(lv, batch, h / AttentionShape_Group(shape), j), o + at, shape.D, s_);
}

static inline __attribute__((always_inline)) void AttentionBackward_Query(int left, int batch, int h, int i, AttentionShape shape, HeadLayout lq, __global float* q, HeadLayout lk, __global float* k, __global float* bias, __global int* keyMask, __global float* lse, HeadLayout lo, __global float* dO, HeadLayout lv, __global float* v, __global float* o, HeadLayout ldQ, __global float* dQ, eng_scratch s_)
{
    int own = (128 + LANES - 1) / LANES;
    float sums[(128 + LANES - 1) / LANES] = {0};
    int end = AttentionShape_EndKey(shape, i);
    for (int j = AttentionShape_FirstKey(shape, i); j < end; j++)
    {
        float dS = AttentionBackward_Probability(batch, h, i, j, lq, q, lk, shape, k, bias, keyMask, lse, s_) * AttentionBackward_Bracket(batch, h, i, j, lo, dO, lv, shape, v, o, s_) * shape.Scale;
        __global float* kr = k + HeadLayout_At(lk, batch, h / AttentionShape_Group(shape), j);
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

static inline __attribute__((always_inline)) int AttentionShape_EndQuery(AttentionShape self, int j)
{
    return self.Window > 0 ? eng_max_i32(0, eng_min_i32(self.Tq, j - (self.Tk - self.Tq) + self.Window)) : self.Tq;
}

static inline __attribute__((always_inline)) int AttentionShape_FirstQuery(AttentionShape self, int j)
{
    return AttentionShape_LooksBack(self) ? eng_max_i32(0, j - (self.Tk - self.Tq)) : 0;
}

static inline __attribute__((always_inline)) void AttentionBackward_Key(int left, int batch, int kvHead, int j, AttentionShape shape, HeadLayout lq, __global float* q, HeadLayout lk, __global float* k, __global float* bias, __global int* keyMask, __global float* lse, HeadLayout lo, __global float* dO, HeadLayout lv, __global float* v, __global float* o, HeadLayout ldK, __global float* dK, HeadLayout ldV, __global float* dV, eng_scratch s_)
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
            __global float* qr = q + HeadLayout_At(lq, batch, h, i);
            __global float* dOr = dO + HeadLayout_At(lo, batch, h, i);
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

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void AttentionBackward(__global float* q_base, i64 q_offset, __global float* k_base, i64 k_offset, __global float* v_base, i64 v_offset, __global float* o_base, i64 o_offset, __global float* lse_base, i64 lse_offset, __global int* keyMask_base, i64 keyMask_offset, __global float* bias_base, i64 bias_offset, __global float* dO_base, i64 dO_offset, __global float* dQ_base, i64 dQ_offset, __global float* dK_base, i64 dK_offset, __global float* dV_base, i64 dV_offset, HeadLayout lq, HeadLayout lk, HeadLayout lv, HeadLayout lo, HeadLayout ldQ, HeadLayout ldK, HeadLayout ldV, AttentionShape shape)
{
    __global float* q = (__global float*)((__global u8*)q_base + q_offset);
    __global float* k = (__global float*)((__global u8*)k_base + k_offset);
    __global float* v = (__global float*)((__global u8*)v_base + v_offset);
    __global float* o = (__global float*)((__global u8*)o_base + o_offset);
    __global float* lse = (__global float*)((__global u8*)lse_base + lse_offset);
    __global int* keyMask = (__global int*)((__global u8*)keyMask_base + keyMask_offset);
    __global float* bias = (__global float*)((__global u8*)bias_base + bias_offset);
    __global float* dO = (__global float*)((__global u8*)dO_base + dO_offset);
    __global float* dQ = (__global float*)((__global u8*)dQ_base + dQ_offset);
    __global float* dK = (__global float*)((__global u8*)dK_base + dK_offset);
    __global float* dV = (__global float*)((__global u8*)dV_base + dV_offset);
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
