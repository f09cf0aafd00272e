// AttentionForward<Single, Float32Element>

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

static __device__ __forceinline__ int AttentionShape_Group(AttentionShape self)
{
    return self.Hq / self.Hk;
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

static __device__ __forceinline__ float Attention_Score(float dot_, float* bias, int* keyMask, AttentionShape shape, int batch, int h, int i, int j)
{
    float s = dot_ * shape.Scale;
    if (bias != 0)
    {
        s += bias[((((i64)h * shape.Tq) + i) * shape.Tk) + j];
    }
    return keyMask != 0 && keyMask[((i64)batch * shape.Tk) + j] == 0 ? (-ENG_INFINITY) : s;
}

static __device__ __forceinline__ float AttentionForward_Score(int batch, int h, int i, int j, HeadLayout lq, float* q, HeadLayout lk, AttentionShape shape, float* k, float* bias, int* keyMask)
{
    float* qr = q + HeadLayout_At(lq, batch, h, i);
    float* kr = k + HeadLayout_At(lk, batch, h / AttentionShape_Group(shape), j);
    float dot_ = 0.0f;
    for (int d = 0; d < shape.D; d++)
    {
        dot_ += Float32Element_Load_float(qr[d]) * Float32Element_Load_float(kr[d]);
    }
    return Attention_Score(dot_, bias, keyMask, shape, batch, h, i, j);
}

static __device__ __forceinline__ void AttentionForward_Columns_shared(int left, float* p, AttentionShape shape, int* keyRanges, HeadLayout lq, float* q, HeadLayout lk, float* k, float* bias, int* keyMask, float* v, HeadLayout lv, HeadLayout lo, float* o, float* lse, eng_scratch s_)
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
        float rescale = expf(m - safe);
        float sum = 0.0f;
        for (int j = eng_lane(); j < n; j += LANES)
        {
            p[j] = expf(p[j] - safe);
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
    float* yr = o + HeadLayout_At(lo, batch, h, i);
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
        lse[eng_block()] = l == 0.0f ? ENG_INFINITY : m + logf(l);
    }
}

extern "C" __global__ void __launch_bounds__(LANES) AttentionForward(float* q, float* k, float* v, float* o, float* lse, int* keyMask, float* bias, int* keyRanges, HeadLayout lq, HeadLayout lk, HeadLayout lv, HeadLayout lo, AttentionShape shape)
{
    ENG_SCRATCH(s_);
    __shared__ __align__(16) float p[128];
    for (int left = 0; left == 0 || left < shape.D; left += 128)
    {
        AttentionForward_Columns_shared(left, p, shape, keyRanges, lq, q, lk, k, bias, keyMask, v, lv, lo, o, lse, s_);
    }
}
