// LstmForward

typedef struct
{
    i64 T;
    i64 B;
    i64 H;
    i64 P;
    i64 Step;
    i64 Item;
} LstmShape;

static __device__ __forceinline__ i64 LstmShape_Row(LstmShape self, i64 b, i64 s, i64 length_, bool reverse)
{
    return ((reverse && s < length_ ? length_ - 1LL - s : s) * self.Step) + (b * self.Item);
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

static __device__ __forceinline__ void LstmForward_Start(i64 item, LstmShape shape, int* lengths, bool reverse, float* h0, float* hn, float* before, float* cn, float* c0)
{
    if (item < shape.B)
    {
        i64 row = LstmShape_Row(shape, item, 0LL, LstmShape_Length(shape, lengths, item), reverse);
        for (i64 p = eng_lane(); p < shape.P; p += LANES)
        {
            float h = h0 != 0 ? h0[(item * shape.P) + p] : 0.0f;
            hn[(item * shape.P) + p] = h;
            if (shape.T > 0LL)
            {
                before[(row * shape.P) + p] = LstmShape_Length(shape, lengths, item) > 0LL ? h : 0.0f;
            }
        }
        for (i64 j = eng_lane(); j < shape.H; j += LANES)
        {
            cn[(item * shape.H) + j] = c0 != 0 ? c0[(item * shape.H) + j] : 0.0f;
        }
    }
}

static __device__ __forceinline__ float LstmForward_Sigmoid(float x)
{
    return 1.0f / (1.0f + expf(-x));
}

static __device__ __forceinline__ void LstmForward_Gates(i64 item, i64 s, i64 j, float sumI, float sumF, float sumG, float sumO, LstmShape shape, int* lengths, bool reverse, float* gates, float* cn, float* c, float* m, float* y)
{
    i64 length_ = LstmShape_Length(shape, lengths, item);
    i64 row = LstmShape_Row(shape, item, s, length_, reverse);
    float* z = gates + ((row * 4LL * shape.H) + j);
    i64 state = (item * shape.H) + j;
    float cell = 0.0f;
    float output = 0.0f;
    if (s < length_)
    {
        float i = LstmForward_Sigmoid(z[0LL] + sumI);
        float f = LstmForward_Sigmoid(z[shape.H] + sumF);
        float g = tanhf(z[2LL * shape.H] + sumG);
        float o = LstmForward_Sigmoid(z[3LL * shape.H] + sumO);
        cell = (f * cn[state]) + (i * g);
        output = o * tanhf(cell);
        z[0LL] = i;
        z[shape.H] = f;
        z[2LL * shape.H] = g;
        z[3LL * shape.H] = o;
        cn[state] = cell;
    }
    c[(row * shape.H) + j] = cell;
    if (m != 0)
    {
        m[(row * shape.H) + j] = output;
    }
    else
    {
        y[(row * shape.H) + j] = output;
    }
}

static __device__ __forceinline__ void LstmForward_Cell(i64 first, i64 s, i64 j, LstmShape shape, float* weight, float* before, int* lengths, bool reverse, float* gates, float* cn, float* c, float* m, float* y)
{
    float sums[16] = {0};
    for (i64 k = 0LL; k < shape.P; k++)
    {
        float* w = weight + ((k * 4LL * shape.H) + j);
        #pragma unroll
        for (int r = 0; r < 4; r++)
        {
            i64 item = eng_min_i64(first + r, shape.B - 1LL);
            float h = before[(LstmShape_Row(shape, item, s, LstmShape_Length(shape, lengths, item), reverse) * shape.P) + k];
            #pragma unroll
            for (int g = 0; g < 4; g++)
            {
                sums[(r * 4) + g] += h * w[g * shape.H];
            }
        }
    }
    #pragma unroll
    for (int r = 0; r < 4; r++)
    {
        if (first + r < shape.B)
        {
            LstmForward_Gates(first + r, s, j, sums[r * 4], sums[(r * 4) + 1], sums[(r * 4) + 2], sums[(r * 4) + 3], shape, lengths, reverse, gates, cn, c, m, y);
        }
    }
}

static __device__ __forceinline__ float LstmForward_Projected(i64 row, i64 p, LstmShape shape, float* m, float* projection)
{
    float sum = 0.0f;
    for (i64 j = 0LL; j < shape.H; j++)
    {
        sum += m[(row * shape.H) + j] * projection[(j * shape.P) + p];
    }
    return sum;
}

static __device__ __forceinline__ void LstmForward_State(i64 item, i64 s, LstmShape shape, int* lengths, bool reverse, float* m, float* projection, float* y, float* hn, float* before)
{
    if (item < shape.B)
    {
        i64 length_ = LstmShape_Length(shape, lengths, item);
        i64 row = LstmShape_Row(shape, item, s, length_, reverse);
        i64 next = LstmShape_Row(shape, item, s + 1LL, length_, reverse);
        for (i64 p = eng_lane(); p < shape.P; p += LANES)
        {
            float h = m != 0 ? LstmForward_Projected(row, p, shape, m, projection) : y[(row * shape.P) + p];
            y[(row * shape.P) + p] = h;
            if (s < length_)
            {
                hn[(item * shape.P) + p] = h;
            }
            if (s + 1LL < shape.T)
            {
                before[(next * shape.P) + p] = s + 1LL < length_ ? h : 0.0f;
            }
        }
    }
}

extern "C" __global__ void __launch_bounds__(LANES) LstmForward(float* gates, float* weight, float* projection, float* h0, float* c0, int* lengths, float* y, float* before, float* c, float* m, float* hn, float* cn, LstmShape shape, int reverse)
{
    i64 first = eng_block() * 4LL;
    for (int r = 0; r < 4; r++)
    {
        LstmForward_Start(first + r, shape, lengths, reverse, h0, hn, before, cn, c0);
    }
    eng_barrier();
    for (i64 s = 0LL; s < shape.T; s++)
    {
        for (i64 j = eng_lane(); j < shape.H; j += LANES)
        {
            LstmForward_Cell(first, s, j, shape, weight, before, lengths, reverse, gates, cn, c, m, y);
        }
        eng_barrier();
        for (int r = 0; r < 4; r++)
        {
            LstmForward_State(first + r, s, shape, lengths, reverse, m, projection, y, hn, before);
        }
        eng_barrier();
    }
}
