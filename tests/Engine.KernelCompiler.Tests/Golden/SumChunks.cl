// SumChunks

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void SumChunks(__global float* partial_base, i64 partial_offset, __global float* y_base, i64 y_offset, i64 chunks, i64 n, int accumulate)
{
    __global float* partial = (__global float*)((__global u8*)partial_base + partial_offset);
    __global float* y = (__global float*)((__global u8*)y_base + y_offset);
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        float s = 0.0f;
        for (i64 chunk = 0L; chunk < chunks; chunk++)
        {
            s += partial[(chunk * n) + i];
        }
        y[i] = accumulate ? y[i] + s : s;
    }
}
