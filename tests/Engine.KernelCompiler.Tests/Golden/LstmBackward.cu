// LstmBackward

typedef struct
{
    i64 T;
    i64 B;
    i64 H;
    i64 P;
    i64 Step;
    i64 Item;
} LstmShape;

static __device__ __forceinline__ void LstmBackward_Start(i64 item, LstmShape shape, float* dH0, float* dHn, float* dC0, float* dCn)
{
    if (item < shape.B)
    {
        for (i64 p = eng_lane(); p < shape.P; p += LANES)
        {
            dH0[(item * shape.P) + p] = dHn != 0 ? dHn[(item * shape.P) + p] : 0.0f;
        }
        for (i64 j = eng_lane(); j < shape.H; j += LANES)
        {
            dC0[(item * shape.H) + j] = dCn != 0 ? dCn[(item * shape.H) + j] : 0.0f;
        }
    }
}

static __device__ __forceinline__ i64 LstmShape_Length(LstmShape self, int* lengths, i64 b)
{
    i64 length_ = self.T;
    if (lengths != 0)
    {
        length_ = eng_max_i64(0LL, eng_min_i64(lengths[b], self.T));
    }
    return length_;
}

static __device__ __forceinline__ i64 LstmShape_Row(LstmShape self, i64 b, i64 s, i64 length_, bool reverse)
{
    return ((reverse && s < length_ ? length_ - 1LL - s : s) * self.Step) + (b * self.Item);
}

static __device__ __forceinline__ void LstmBackward_Arrive(i64 item, i64 s, LstmShape shape, int* lengths, bool reverse, float* dH, float* dY, float* dH0)
{
    if (item < shape.B)
    {
        i64 length_ = LstmShape_Length(shape, lengths, item);
        i64 row = LstmShape_Row(shape, item, s, length_, reverse);
        for (i64 p = eng_lane(); p < shape.P; p += LANES)
        {
            dH[(row * shape.P) + p] = s < length_ ? dY[(row * shape.P) + p] + dH0[(item * shape.P) + p] : 0.0f;
        }
    }
}

static __device__ __forceinline__ float LstmBackward_Projected(i64 row, i64 j, LstmShape shape, float* dH, float* projection)
{
    float sum = 0.0f;
    for (i64 p = 0LL; p < shape.P; p++)
    {
        sum += dH[(row * shape.P) + p] * projection[(p * shape.H) + j];
    }
    return sum;
}

static __device__ __forceinline__ float LstmBackward_Previous(i64 item, i64 s, i64 length_, i64 j, float* c, LstmShape shape, bool reverse, float* c0)
{
    float previous = 0.0f;
    if (s > 0LL)
    {
        previous = c[(LstmShape_Row(shape, item, s - 1LL, length_, reverse) * shape.H) + j];
    }
    else
    {
        if (c0 != 0)
        {
            previous = c0[(item * shape.H) + j];
        }
    }
    return previous;
}

static __device__ __forceinline__ void LstmBackward_Cell(i64 item, i64 s, i64 j, LstmShape shape, int* lengths, bool reverse, float* gates, float* c, float* projection, float* dH, float* dC0, float* c0)
{
    if (item < shape.B)
    {
        i64 length_ = LstmShape_Length(shape, lengths, item);
        i64 row = LstmShape_Row(shape, item, s, length_, reverse);
        float* z = gates + ((row * 4LL * shape.H) + j);
        i64 state = (item * shape.H) + j;
        float dI = 0.0f;
        float dF = 0.0f;
        float dG = 0.0f;
        float dO = 0.0f;
        if (s < length_)
        {
            float i = z[0LL];
            float f = z[shape.H];
            float g = z[2LL * shape.H];
            float o = z[3LL * shape.H];
            float t = tanhf(c[(row * shape.H) + j]);
            float dM = projection != 0 ? LstmBackward_Projected(row, j, shape, dH, projection) : dH[(row * shape.H) + j];
            float dC = dC0[state] + (dM * o * (1.0f - (t * t)));
            dI = dC * g * i * (1.0f - i);
            dF = dC * LstmBackward_Previous(item, s, length_, j, c, shape, reverse, c0) * f * (1.0f - f);
            dG = dC * i * (1.0f - (g * g));
            dO = dM * t * o * (1.0f - o);
            dC0[state] = dC * f;
        }
        z[0LL] = dI;
        z[shape.H] = dF;
        z[2LL * shape.H] = dG;
        z[3LL * shape.H] = dO;
    }
}

static __device__ __forceinline__ void LstmBackward_Leave(i64 first, i64 s, i64 p, LstmShape shape, float* weight, float* gates, int* lengths, bool reverse, float* dH0)
{
    float sums[4] = {0};
    for (i64 k = 0LL; k < 4LL * shape.H; k++)
    {
        float w = weight[(k * shape.P) + p];
        #pragma unroll
        for (int r = 0; r < 4; r++)
        {
            i64 item = eng_min_i64(first + r, shape.B - 1LL);
            sums[r] += w * gates[(LstmShape_Row(shape, item, s, LstmShape_Length(shape, lengths, item), reverse) * 4LL * shape.H) + k];
        }
    }
    #pragma unroll
    for (int r = 0; r < 4; r++)
    {
        if (first + r < shape.B && s < LstmShape_Length(shape, lengths, first + r))
        {
            dH0[((first + r) * shape.P) + p] = sums[r];
        }
    }
}

extern "C" __global__ void __launch_bounds__(LANES) LstmBackward(float* gates, float* weight, float* projection, float* c, float* c0, int* lengths, float* dY, float* dHn, float* dCn, float* dH, float* dH0, float* dC0, LstmShape shape, int reverse)
{
    i64 first = eng_block() * 4LL;
    for (int r = 0; r < 4; r++)
    {
        LstmBackward_Start(first + r, shape, dH0, dHn, dC0, dCn);
    }
    for (i64 s = shape.T - 1LL; s >= 0LL; s--)
    {
        for (int r = 0; r < 4; r++)
        {
            LstmBackward_Arrive(first + r, s, shape, lengths, reverse, dH, dY, dH0);
        }
        eng_barrier();
        for (i64 j = eng_lane(); j < shape.H; j += LANES)
        {
            for (int r = 0; r < 4; r++)
            {
                LstmBackward_Cell(first + r, s, j, shape, lengths, reverse, gates, c, projection, dH, dC0, c0);
            }
        }
        eng_barrier();
        for (i64 p = eng_lane(); p < shape.P; p += LANES)
        {
            LstmBackward_Leave(first, s, p, shape, weight, gates, lengths, reverse, dH0);
        }
    }
}
