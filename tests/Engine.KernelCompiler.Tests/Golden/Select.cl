// Select

__kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void Select(__global int* mask_base, i64 mask_offset, __global float* u_base, i64 u_offset, __global float* v_base, i64 v_offset, __global float* y_base, i64 y_offset, Layout lm, Layout lu, Layout lv, i64 n)
{
    __global int* mask = (__global int*)((__global u8*)mask_base + mask_offset);
    __global float* u = (__global float*)((__global u8*)u_base + u_offset);
    __global float* v = (__global float*)((__global u8*)v_base + v_offset);
    __global float* y = (__global float*)((__global u8*)y_base + y_offset);
    i64 end = eng_end(n);
    for (i64 i = eng_start(); i < end; i += LANES)
    {
        y[i] = mask[eng_layout_at(lm, i)] != 0 ? u[eng_layout_at(lu, i)] : v[eng_layout_at(lv, i)];
    }
}
