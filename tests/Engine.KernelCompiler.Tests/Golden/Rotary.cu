// Rotary<Single, Float32Element>

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

static __device__ __forceinline__ i64 HeadLayout_At(HeadLayout self, i64 b, i64 h, i64 t)
{
    return (b * self.Batch) + (h * self.Head) + (t * self.Row);
}

extern "C" __global__ void __launch_bounds__(LANES) Rotary(float* x, float* y, int* positions, float* factors, HeadLayout lx, HeadLayout ly, int B, int H, int D, float theta, int offset, int interleaved, float sign_)
{
    int half_ = D / 2;
    i64 position = positions != 0 ? (i64)positions[eng_block()] : eng_block() + offset;
    for (int n = eng_lane(); n < half_; n += LANES)
    {
        float period = powf(theta, 2.0f * n / D) * (factors != 0 ? factors[n] : 1.0f);
        float angle = position / period;
        float cos_ = cosf(angle);
        float sin_ = sign_ * sinf(angle);
        int first = interleaved ? 2 * n : n;
        int second = interleaved ? first + 1 : n + half_;
        for (int batch = 0; batch < B; batch++)
        {
            for (int h = 0; h < H; h++)
            {
                float* xr = x + HeadLayout_At(lx, batch, h, eng_block());
                float* yr = y + HeadLayout_At(ly, batch, h, eng_block());
                float a = Float32Element_Load_float(xr[first]);
                float c = Float32Element_Load_float(xr[second]);
                yr[first] = Float32Element_Store_float((a * cos_) - (c * sin_));
                yr[second] = Float32Element_Store_float((a * sin_) + (c * cos_));
            }
        }
    }
}
