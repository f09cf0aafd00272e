// Rotary<Single, Float32Element>

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

static inline __attribute__((always_inline)) i64 HeadLayout_At(HeadLayout self, i64 b, i64 h, i64 t)
{
    return (b * self.Batch) + (h * self.Head) + (t * self.Row);
}

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void Rotary(__global float* x_base, i64 x_offset, __global float* y_base, i64 y_offset, __global int* positions_base, i64 positions_offset, __global float* factors_base, i64 factors_offset, HeadLayout lx, HeadLayout ly, int B, int H, int D, float theta, int offset, int interleaved, float sign_)
{
    __global float* x = (__global float*)((__global u8*)x_base + x_offset);
    __global float* y = (__global float*)((__global u8*)y_base + y_offset);
    __global int* positions = (__global int*)((__global u8*)positions_base + positions_offset);
    __global float* factors = (__global float*)((__global u8*)factors_base + factors_offset);
    int half_ = D / 2;
    i64 position = positions != 0 ? (i64)positions[eng_block()] : eng_block() + offset;
    for (int n = eng_lane(); n < half_; n += LANES)
    {
        float period = pow(theta, 2.0f * n / D) * (factors != 0 ? factors[n] : 1.0f);
        float angle = position / period;
        float cos_ = cos(angle);
        float sin_ = sign_ * sin(angle);
        int first = interleaved ? 2 * n : n;
        int second = interleaved ? first + 1 : n + half_;
        for (int batch = 0; batch < B; batch++)
        {
            for (int h = 0; h < H; h++)
            {
                __global float* xr = x + HeadLayout_At(lx, batch, h, eng_block());
                __global float* yr = y + HeadLayout_At(ly, batch, h, eng_block());
                float a = Float32Element_Load_float(xr[first]);
                float c = Float32Element_Load_float(xr[second]);
                yr[first] = Float32Element_Store_float((a * cos_) - (c * sin_));
                yr[second] = Float32Element_Store_float((a * sin_) + (c * cos_));
            }
        }
    }
}
