// AttentionBiasBackward<Single, Float32Element>

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

static inline __attribute__((always_inline)) float AttentionBiasBackward_ScoreGradient(int batch, int h, int i, int j, HeadLayout lo, HeadLayout lq, __global float* q, HeadLayout lk, AttentionShape shape, __global float* k, __global float* dO, HeadLayout lv, __global float* v, __global float* o, __global float* bias, __global int* keyMask, __global float* lse)
{
    i64 row = HeadLayout_At(lo, batch, h, i);
    float s = 0.0f;
    float bracket = 0.0f;
    Attention_Products_float_Float32Element(q + HeadLayout_At(lq, batch, h, i), k + HeadLayout_At(lk, batch, h / AttentionShape_Group(shape), j), dO + row, v + HeadLayout_At(lv, batch, h / AttentionShape_Group(shape), j), o + row, shape.D, &s, &bracket);
    s = Attention_Score(s, bias, keyMask, shape, batch, h, i, j);
    return exp(s - lse[((((i64)batch * shape.Hq) + h) * shape.Tq) + i]) * bracket;
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void AttentionBiasBackward(__global float* q_base, i64 q_offset, __global float* k_base, i64 k_offset, __global float* v_base, i64 v_offset, __global float* o_base, i64 o_offset, __global float* lse_base, i64 lse_offset, __global int* keyMask_base, i64 keyMask_offset, __global float* bias_base, i64 bias_offset, __global int* keyRanges_base, i64 keyRanges_offset, __global float* dO_base, i64 dO_offset, __global float* dBias_base, i64 dBias_offset, HeadLayout lq, HeadLayout lk, HeadLayout lv, HeadLayout lo, AttentionShape shape, int accumulate)
{
    __global float* q = (__global float*)((__global u8*)q_base + q_offset);
    __global float* k = (__global float*)((__global u8*)k_base + k_offset);
    __global float* v = (__global float*)((__global u8*)v_base + v_offset);
    __global float* o = (__global float*)((__global u8*)o_base + o_offset);
    __global float* lse = (__global float*)((__global u8*)lse_base + lse_offset);
    __global int* keyMask = (__global int*)((__global u8*)keyMask_base + keyMask_offset);
    __global float* bias = (__global float*)((__global u8*)bias_base + bias_offset);
    __global int* keyRanges = (__global int*)((__global u8*)keyRanges_base + keyRanges_offset);
    __global float* dO = (__global float*)((__global u8*)dO_base + dO_offset);
    __global float* dBias = (__global float*)((__global u8*)dBias_base + dBias_offset);
    int i = (int)(eng_block() % shape.Tq);
    int h = (int)(eng_block() / shape.Tq);
    __global float* row = dBias + ((i64)eng_block() * shape.Tk);
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
