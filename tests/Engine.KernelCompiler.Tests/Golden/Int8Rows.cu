// Int8Rows

extern "C" __global__ void __launch_bounds__(LANES) Int8Rows(i8* q, float* scale, int* indices, float* y, i64 V, i64 C)
{
    i64 v = indices != 0 ? (i64)indices[eng_block()] : eng_block();
    float* yr = y + ((i64)eng_block() * C);
    bool inside = v >= 0LL && v < V;
    for (i64 c = eng_lane(); c < C; c += LANES)
    {
        yr[c] = inside ? scale[v] * q[(v * C) + c] : ENG_NAN;
    }
}
