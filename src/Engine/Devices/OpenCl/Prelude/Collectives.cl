// Conversions, what OpenCL computes less well than .NET, and the collectives of a block. A collective shares each lane's value in local memory, adds up groups of
// sixteen lanes, then the groups, always in the same order, for any number of lanes.

// .NET's conversions: towards zero, saturating, NaN to 0.
ENG_FN int eng_f32_to_i32(float x) { return eng_isnan(x) ? 0 : convert_int_sat_rtz(x); }
ENG_FN uint eng_f32_to_u32(float x) { return eng_isnan(x) ? 0u : convert_uint_sat_rtz(x); }
ENG_FN i64 eng_f32_to_i64(float x) { return eng_isnan(x) ? 0 : convert_long_sat_rtz(x); }
ENG_FN u64 eng_f32_to_u64(float x) { return eng_isnan(x) ? 0u : convert_ulong_sat_rtz(x); }

// OpenCL allows an error of five units in the last place, also where the result is ±1 to float32: one minus its square must be
// 0 there, for derivatives that multiply it with something large.
ENG_FN float eng_tanh(float x) { return fabs(x) > 9.02f ? copysign(1.0f, x) : tanh(x); }

ENG_FN float eng_f16_to_f32(f16 x)
{
    return vload_half(0, (const half*)&x);
}

ENG_FN f16 eng_f32_to_f16(float x)
{
    f16 y;
    vstore_half_rte(x, 0, (half*)&y);
    return y;
}

#define ENG_GROUP 16
#define ENG_GROUPS ((LANES + ENG_GROUP - 1) / ENG_GROUP)

// One word for each lane, then one for each group.
typedef __local uint* eng_scratch;
#define ENG_SCRATCH(name) __local uint name##_words[LANES + ENG_GROUPS]; eng_scratch name = name##_words

ENG_FN int eng_group_end(int lane) { return eng_min_i32(LANES, (lane / ENG_GROUP + 1) * ENG_GROUP); }

// Words 0 to LANES are read between the two barriers only, and the groups' words after the second only, so that the caller
// may use the words again at once: whoever writes a group's word then has passed a barrier after every lane read the old one.
#define ENG_COLLECTIVE(name, type, to_word, from_word, join)                                              \
    ENG_FN type name(eng_scratch s, type value)                                                           \
    {                                                                                                     \
        int lane = eng_lane();                                                                            \
        s[lane] = to_word(value);                                                                         \
        eng_barrier();                                                                                    \
        if (lane % ENG_GROUP == 0)                                                                        \
        {                                                                                                 \
            type all = value;                                                                             \
            for (int i = lane + 1; i < eng_group_end(lane); i++) all = join(all, from_word(s[i]));        \
            s[LANES + lane / ENG_GROUP] = to_word(all);                                                   \
        }                                                                                                 \
        eng_barrier();                                                                                    \
        type result = from_word(s[LANES]);                                                                \
        for (int i = 1; i < ENG_GROUPS; i++) result = join(result, from_word(s[LANES + i]));              \
        return result;                                                                                    \
    }

ENG_FN float eng_add(float a, float b) { return a + b; }

ENG_COLLECTIVE(eng_block_sum, float, as_uint, as_float, eng_add)
ENG_COLLECTIVE(eng_block_max, float, as_uint, as_float, eng_max)
ENG_COLLECTIVE(eng_block_min, int, as_uint, as_int, eng_min_i32)

// The sums of the groups before, then of the lanes before in the group. The last barrier is there because lanes read words
// of other lanes after the second.
ENG_FN float eng_block_sum_below(eng_scratch s, float value)
{
    eng_block_sum(s, value);
    int lane = eng_lane();
    int group = lane / ENG_GROUP;
    float below = 0.0f;
    for (int i = 0; i < group; i++) below += as_float(s[LANES + i]);
    for (int i = group * ENG_GROUP; i < lane; i++) below += as_float(s[i]);
    eng_barrier();
    return below;
}
