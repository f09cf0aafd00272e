// AdafactorColumnMoments

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void AdafactorColumnMoments(__global float* partial_base, i64 partial_offset, __global float* c_base, i64 c_offset, float eps, float oneMinusBeta, i64 chunks, i64 N, i64 M)
{
    __global float* partial = (__global float*)((__global u8*)partial_base + partial_offset);
    __global float* c = (__global float*)((__global u8*)c_base + c_offset);
    i64 end = eng_end(M);
    for (i64 j = eng_start(); j < end; j += LANES)
    {
        float s = 0.0f;
        for (i64 part = 0L; part < chunks; part++)
        {
            s += partial[(part * M) + j];
        }
        c[j] += oneMinusBeta * ((s / N) + eps - c[j]);
    }
}
