// AttentionForward<Single, Float32Element>

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

static inline __attribute__((always_inline)) int AttentionShape_Group(AttentionShape self)
{
    return self.Hq / self.Hk;
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

static inline __attribute__((always_inline)) float Attention_Score(float dot_, __global float* bias, __global int* keyMask, AttentionShape shape, int batch, int h, int i, int j)
{
    float s = dot_ * shape.Scale;
    if (bias != 0)
    {
        s += bias[((((i64)h * shape.Tq) + i) * shape.Tk) + j];
    }
    return keyMask != 0 && keyMask[((i64)batch * shape.Tk) + j] == 0 ? (-ENG_INFINITY) : s;
}

static inline __attribute__((always_inline)) float AttentionForward_Score(int batch, int h, int i, int j, HeadLayout lq, __global float* q, HeadLayout lk, AttentionShape shape, __global float* k, __global float* bias, __global int* keyMask)
{
    __global float* qr = q + HeadLayout_At(lq, batch, h, i);
    __global float* kr = k + HeadLayout_At(lk, batch, h / AttentionShape_Group(shape), j);
    float dot_ = 0.0f;
    for (int d = 0; d < shape.D; d++)
    {
        dot_ += Float32Element_Load_float(qr[d]) * Float32Element_Load_float(kr[d]);
    }
    return Attention_Score(dot_, bias, keyMask, shape, batch, h, i, j);
}

static inline __attribute__((always_inline)) void AttentionForward_Columns_shared(int left, __local float* p, AttentionShape shape, __global int* keyRanges, HeadLayout lq, __global float* q, HeadLayout lk, __global float* k, __global float* bias, __global int* keyMask, __global float* v, HeadLayout lv, HeadLayout lo, __global float* o, __global float* lse, eng_scratch s_)
{
    int i = (int)(eng_block() % shape.Tq);
    int h = (int)(eng_block() / shape.Tq % shape.Hq);
    int batch = (int)(eng_block() / shape.Tq / shape.Hq);
    int kvHead = h / AttentionShape_Group(shape);
    int own = (128 + LANES - 1) / LANES;
    float sums[(128 + LANES - 1) / LANES] = {0};
    float m = (-ENG_INFINITY);
    float l = 0.0f;
    int end = Attention_EndKey(shape, keyRanges, batch, i);
    for (int start = Attention_FirstKey(shape, keyRanges, batch, i); start < end; start += 128)
    {
        int n = eng_min_i32(128, end - start);
        float mine = (-ENG_INFINITY);
        for (int j = eng_lane(); j < n; j += LANES)
        {
            p[j] = AttentionForward_Score(batch, h, i, start + j, lq, q, lk, shape, k, bias, keyMask);
            mine = eng_max(mine, p[j]);
        }
        float greatest = eng_max(m, eng_block_max(s_, mine));
        float safe = greatest == (-ENG_INFINITY) ? 0.0f : greatest;
        float rescale = exp(m - safe);
        float sum = 0.0f;
        for (int j = eng_lane(); j < n; j += LANES)
        {
            p[j] = exp(p[j] - safe);
            sum += p[j];
        }
        l = (l * rescale) + eng_block_sum(s_, sum);
        eng_barrier();
        #pragma unroll
        for (int c = 0; c < own; c++)
        {
            int d = left + (c * LANES) + eng_lane();
            if (d < shape.D)
            {
                float value = sums[c] * rescale;
                for (int j = 0; j < n; j++)
                {
                    value += p[j] * Float32Element_Load_float(v[HeadLayout_At(lv, batch, kvHead, start + j) + d]);
                }
                sums[c] = value;
            }
        }
        eng_barrier();
        m = greatest;
    }
    float scale = l == 0.0f ? 0.0f : 1.0f / l;
    __global float* yr = o + HeadLayout_At(lo, batch, h, i);
    #pragma unroll
    for (int c = 0; c < own; c++)
    {
        int d = left + (c * LANES) + eng_lane();
        if (d < shape.D)
        {
            yr[d] = Float32Element_Store_float(sums[c] * scale);
        }
    }
    if (left == 0 && eng_lane() == 0 && lse != 0)
    {
        lse[eng_block()] = l == 0.0f ? ENG_INFINITY : m + log(l);
    }
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void AttentionForward(__global float* q_base, i64 q_offset, __global float* k_base, i64 k_offset, __global float* v_base, i64 v_offset, __global float* o_base, i64 o_offset, __global float* lse_base, i64 lse_offset, __global int* keyMask_base, i64 keyMask_offset, __global float* bias_base, i64 bias_offset, __global int* keyRanges_base, i64 keyRanges_offset, HeadLayout lq, HeadLayout lk, HeadLayout lv, HeadLayout lo, AttentionShape shape)
{
    __global float* q = (__global float*)((__global u8*)q_base + q_offset);
    __global float* k = (__global float*)((__global u8*)k_base + k_offset);
    __global float* v = (__global float*)((__global u8*)v_base + v_offset);
    __global float* o = (__global float*)((__global u8*)o_base + o_offset);
    __global float* lse = (__global float*)((__global u8*)lse_base + lse_offset);
    __global int* keyMask = (__global int*)((__global u8*)keyMask_base + keyMask_offset);
    __global float* bias = (__global float*)((__global u8*)bias_base + bias_offset);
    __global int* keyRanges = (__global int*)((__global u8*)keyRanges_base + keyRanges_offset);
    ENG_SCRATCH(s_);
    __local float p[128] __attribute__((aligned(16)));
    for (int left = 0; left == 0 || left < shape.D; left += 128)
    {
        AttentionForward_Columns_shared(left, p, shape, keyRanges, lq, q, lk, k, bias, keyMask, v, lv, lo, o, lse, s_);
    }
}
