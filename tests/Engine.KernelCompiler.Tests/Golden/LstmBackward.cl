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

static inline __attribute__((always_inline)) void LstmBackward_Start(i64 item, LstmShape shape, __global float* dH0, __global float* dHn, __global float* dC0, __global float* dCn)
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

static inline __attribute__((always_inline)) i64 LstmShape_Length(LstmShape self, __global int* lengths, i64 b)
{
    i64 length_ = self.T;
    if (lengths != 0)
    {
        length_ = eng_max_i64(0L, eng_min_i64(lengths[b], self.T));
    }
    return length_;
}

static inline __attribute__((always_inline)) i64 LstmShape_Row(LstmShape self, i64 b, i64 s, i64 length_, bool reverse)
{
    return ((reverse && s < length_ ? length_ - 1L - s : s) * self.Step) + (b * self.Item);
}

static inline __attribute__((always_inline)) void LstmBackward_Arrive(i64 item, i64 s, LstmShape shape, __global int* lengths, bool reverse, __global float* dH, __global float* dY, __global float* dH0)
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

static inline __attribute__((always_inline)) float LstmBackward_Projected(i64 row, i64 j, LstmShape shape, __global float* dH, __global float* projection)
{
    float sum = 0.0f;
    for (i64 p = 0L; p < shape.P; p++)
    {
        sum += dH[(row * shape.P) + p] * projection[(p * shape.H) + j];
    }
    return sum;
}

static inline __attribute__((always_inline)) float LstmBackward_Previous(i64 item, i64 s, i64 length_, i64 j, __global float* c, LstmShape shape, bool reverse, __global float* c0)
{
    float previous = 0.0f;
    if (s > 0L)
    {
        previous = c[(LstmShape_Row(shape, item, s - 1L, length_, reverse) * shape.H) + j];
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

static inline __attribute__((always_inline)) void LstmBackward_Cell(i64 item, i64 s, i64 j, LstmShape shape, __global int* lengths, bool reverse, __global float* gates, __global float* c, __global float* projection, __global float* dH, __global float* dC0, __global float* c0)
{
    if (item < shape.B)
    {
        i64 length_ = LstmShape_Length(shape, lengths, item);
        i64 row = LstmShape_Row(shape, item, s, length_, reverse);
        __global float* z = gates + ((row * 4L * shape.H) + j);
        i64 state = (item * shape.H) + j;
        float dI = 0.0f;
        float dF = 0.0f;
        float dG = 0.0f;
        float dO = 0.0f;
        if (s < length_)
        {
            float i = z[0L];
            float f = z[shape.H];
            float g = z[2L * shape.H];
            float o = z[3L * shape.H];
            float t = eng_tanh(c[(row * shape.H) + j]);
            float dM = projection != 0 ? LstmBackward_Projected(row, j, shape, dH, projection) : dH[(row * shape.H) + j];
            float dC = dC0[state] + (dM * o * (1.0f - (t * t)));
            dI = dC * g * i * (1.0f - i);
            dF = dC * LstmBackward_Previous(item, s, length_, j, c, shape, reverse, c0) * f * (1.0f - f);
            dG = dC * i * (1.0f - (g * g));
            dO = dM * t * o * (1.0f - o);
            dC0[state] = dC * f;
        }
        z[0L] = dI;
        z[shape.H] = dF;
        z[2L * shape.H] = dG;
        z[3L * shape.H] = dO;
    }
}

static inline __attribute__((always_inline)) void LstmBackward_Leave(i64 first, i64 s, i64 p, LstmShape shape, __global float* weight, __global float* gates, __global int* lengths, bool reverse, __global float* dH0)
{
    float sums[4] = {0};
    for (i64 k = 0L; k < 4L * shape.H; k++)
    {
        float w = weight[(k * shape.P) + p];
        #pragma unroll
        for (int r = 0; r < 4; r++)
        {
            i64 item = eng_min_i64(first + r, shape.B - 1L);
            sums[r] += w * gates[(LstmShape_Row(shape, item, s, LstmShape_Length(shape, lengths, item), reverse) * 4L * shape.H) + k];
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

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void LstmBackward(__global float* gates_base, i64 gates_offset, __global float* weight_base, i64 weight_offset, __global float* projection_base, i64 projection_offset, __global float* c_base, i64 c_offset, __global float* c0_base, i64 c0_offset, __global int* lengths_base, i64 lengths_offset, __global float* dY_base, i64 dY_offset, __global float* dHn_base, i64 dHn_offset, __global float* dCn_base, i64 dCn_offset, __global float* dH_base, i64 dH_offset, __global float* dH0_base, i64 dH0_offset, __global float* dC0_base, i64 dC0_offset, LstmShape shape, int reverse)
{
    __global float* gates = (__global float*)((__global u8*)gates_base + gates_offset);
    __global float* weight = (__global float*)((__global u8*)weight_base + weight_offset);
    __global float* projection = (__global float*)((__global u8*)projection_base + projection_offset);
    __global float* c = (__global float*)((__global u8*)c_base + c_offset);
    __global float* c0 = (__global float*)((__global u8*)c0_base + c0_offset);
    __global int* lengths = (__global int*)((__global u8*)lengths_base + lengths_offset);
    __global float* dY = (__global float*)((__global u8*)dY_base + dY_offset);
    __global float* dHn = (__global float*)((__global u8*)dHn_base + dHn_offset);
    __global float* dCn = (__global float*)((__global u8*)dCn_base + dCn_offset);
    __global float* dH = (__global float*)((__global u8*)dH_base + dH_offset);
    __global float* dH0 = (__global float*)((__global u8*)dH0_base + dH0_offset);
    __global float* dC0 = (__global float*)((__global u8*)dC0_base + dC0_offset);
    i64 first = eng_block() * 4L;
    for (int r = 0; r < 4; r++)
    {
        LstmBackward_Start(first + r, shape, dH0, dHn, dC0, dCn);
    }
    for (i64 s = shape.T - 1L; s >= 0L; s--)
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
