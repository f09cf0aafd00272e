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

static inline __attribute__((always_inline)) i64 LstmShape_Row(LstmShape self, i64 b, i64 s, i64 length_, bool reverse)
{
    return ((reverse && s < length_ ? length_ - 1L - s : s) * self.Step) + (b * self.Item);
}

static inline __attribute__((always_inline)) i64 LstmShape_Length(LstmShape self, __global int* lengths, i64 b)
{
    i64 length_ = self.T;
    if (lengths != 0)
    {
        length_ = eng_max_i64(0L, eng_min_i64(lengths[b], self.T));
    }
    return length_;
}

static inline __attribute__((always_inline)) void LstmForward_Start(i64 item, LstmShape shape, __global int* lengths, bool reverse, __global float* h0, __global float* hn, __global float* before, __global float* cn, __global float* c0)
{
    if (item < shape.B)
    {
        i64 row = LstmShape_Row(shape, item, 0L, LstmShape_Length(shape, lengths, item), reverse);
        for (i64 p = eng_lane(); p < shape.P; p += LANES)
        {
            float h = h0 != 0 ? h0[(item * shape.P) + p] : 0.0f;
            hn[(item * shape.P) + p] = h;
            if (shape.T > 0L)
            {
                before[(row * shape.P) + p] = LstmShape_Length(shape, lengths, item) > 0L ? h : 0.0f;
            }
        }
        for (i64 j = eng_lane(); j < shape.H; j += LANES)
        {
            cn[(item * shape.H) + j] = c0 != 0 ? c0[(item * shape.H) + j] : 0.0f;
        }
    }
}

static inline __attribute__((always_inline)) float LstmForward_Sigmoid(float x)
{
    return 1.0f / (1.0f + exp(-x));
}

static inline __attribute__((always_inline)) void LstmForward_Gates(i64 item, i64 s, i64 j, float sumI, float sumF, float sumG, float sumO, LstmShape shape, __global int* lengths, bool reverse, __global float* gates, __global float* cn, __global float* c, __global float* m, __global float* y)
{
    i64 length_ = LstmShape_Length(shape, lengths, item);
    i64 row = LstmShape_Row(shape, item, s, length_, reverse);
    __global float* z = gates + ((row * 4L * shape.H) + j);
    i64 state = (item * shape.H) + j;
    float cell = 0.0f;
    float output = 0.0f;
    if (s < length_)
    {
        float i = LstmForward_Sigmoid(z[0L] + sumI);
        float f = LstmForward_Sigmoid(z[shape.H] + sumF);
        float g = eng_tanh(z[2L * shape.H] + sumG);
        float o = LstmForward_Sigmoid(z[3L * shape.H] + sumO);
        cell = (f * cn[state]) + (i * g);
        output = o * eng_tanh(cell);
        z[0L] = i;
        z[shape.H] = f;
        z[2L * shape.H] = g;
        z[3L * shape.H] = o;
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

static inline __attribute__((always_inline)) void LstmForward_Cell(i64 first, i64 s, i64 j, LstmShape shape, __global float* weight, __global float* before, __global int* lengths, bool reverse, __global float* gates, __global float* cn, __global float* c, __global float* m, __global float* y)
{
    float sums[16] = {0};
    for (i64 k = 0L; k < shape.P; k++)
    {
        __global float* w = weight + ((k * 4L * shape.H) + j);
        #pragma unroll
        for (int r = 0; r < 4; r++)
        {
            i64 item = eng_min_i64(first + r, shape.B - 1L);
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

static inline __attribute__((always_inline)) float LstmForward_Projected(i64 row, i64 p, LstmShape shape, __global float* m, __global float* projection)
{
    float sum = 0.0f;
    for (i64 j = 0L; j < shape.H; j++)
    {
        sum += m[(row * shape.H) + j] * projection[(j * shape.P) + p];
    }
    return sum;
}

static inline __attribute__((always_inline)) void LstmForward_State(i64 item, i64 s, LstmShape shape, __global int* lengths, bool reverse, __global float* m, __global float* projection, __global float* y, __global float* hn, __global float* before)
{
    if (item < shape.B)
    {
        i64 length_ = LstmShape_Length(shape, lengths, item);
        i64 row = LstmShape_Row(shape, item, s, length_, reverse);
        i64 next = LstmShape_Row(shape, item, s + 1L, length_, reverse);
        for (i64 p = eng_lane(); p < shape.P; p += LANES)
        {
            float h = m != 0 ? LstmForward_Projected(row, p, shape, m, projection) : y[(row * shape.P) + p];
            y[(row * shape.P) + p] = h;
            if (s < length_)
            {
                hn[(item * shape.P) + p] = h;
            }
            if (s + 1L < shape.T)
            {
                before[(next * shape.P) + p] = s + 1L < length_ ? h : 0.0f;
            }
        }
    }
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void LstmForward(__global float* gates_base, i64 gates_offset, __global float* weight_base, i64 weight_offset, __global float* projection_base, i64 projection_offset, __global float* h0_base, i64 h0_offset, __global float* c0_base, i64 c0_offset, __global int* lengths_base, i64 lengths_offset, __global float* y_base, i64 y_offset, __global float* before_base, i64 before_offset, __global float* c_base, i64 c_offset, __global float* m_base, i64 m_offset, __global float* hn_base, i64 hn_offset, __global float* cn_base, i64 cn_offset, LstmShape shape, int reverse)
{
    __global float* gates = (__global float*)((__global u8*)gates_base + gates_offset);
    __global float* weight = (__global float*)((__global u8*)weight_base + weight_offset);
    __global float* projection = (__global float*)((__global u8*)projection_base + projection_offset);
    __global float* h0 = (__global float*)((__global u8*)h0_base + h0_offset);
    __global float* c0 = (__global float*)((__global u8*)c0_base + c0_offset);
    __global int* lengths = (__global int*)((__global u8*)lengths_base + lengths_offset);
    __global float* y = (__global float*)((__global u8*)y_base + y_offset);
    __global float* before = (__global float*)((__global u8*)before_base + before_offset);
    __global float* c = (__global float*)((__global u8*)c_base + c_offset);
    __global float* m = (__global float*)((__global u8*)m_base + m_offset);
    __global float* hn = (__global float*)((__global u8*)hn_base + hn_offset);
    __global float* cn = (__global float*)((__global u8*)cn_base + cn_offset);
    i64 first = eng_block() * 4L;
    for (int r = 0; r < 4; r++)
    {
        LstmForward_Start(first + r, shape, lengths, reverse, h0, hn, before, cn, c0);
    }
    eng_barrier();
    for (i64 s = 0L; s < shape.T; s++)
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
