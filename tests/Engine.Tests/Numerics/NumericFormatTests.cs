using Engine.Numerics;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Tests.Numerics;

/// <summary>Laws of the number formats, and what they refuse.</summary>
public sealed class NumericFormatTests
{
    private static readonly Arbitrary<float[]> Values =
        Gen.Choose(-1_000_000, 1_000_000).Select(i => i * 1e-4f).ArrayOf().Select(v => v.Length == 0 ? [0f] : v).ToArbitrary();

    [Fact]
    public void Every_8_bit_float_survives_the_way_there_and_back()
    {
        foreach (byte bits in Enumerable.Range(0, 256).Select(i => (byte)i))
        {
            bool nan3 = float.IsNaN(Float8E4M3.ToSingle(bits));
            bool nan2 = float.IsNaN(Float8E5M2.ToSingle(bits));
            Assert.Equal((bits & 0x7F) == 0x7F, nan3);
            Assert.Equal((bits & 0x7F) > 0x7C, nan2);
            Assert.True(nan3 || Float8E4M3.FromSingle(Float8E4M3.ToSingle(bits), saturate: false) == bits);
            Assert.True(nan2 || Float8E5M2.FromSingle(Float8E5M2.ToSingle(bits), saturate: false) == bits);
        }

        Assert.Equal(Float8E4M3.MaxValue, Float8E4M3.ToSingle(0x7E));
        Assert.Equal(Float8E5M2.MaxValue, Float8E5M2.ToSingle(0x7B));
    }

    [Fact]
    public void Rounding_to_8_bits_picks_the_nearest_value() => Prop.ForAll(
        Gen.Choose(int.MinValue, int.MaxValue).Select(BitConverter.Int32BitsToSingle).ToArbitrary(),
        x => float.IsNaN(x)
            || (Nearest(x, Float8E4M3.ToSingle(Float8E4M3.FromSingle(x)), Float8E4M3.ToSingle, Float8E4M3.MaxValue)
                && Nearest(x, Float8E5M2.ToSingle(Float8E5M2.FromSingle(x)), Float8E5M2.ToSingle, Float8E5M2.MaxValue)))
        .QuickCheckThrowOnFailure();

    [Fact]
    public void Every_16_bit_float_survives_the_way_there_and_back()
    {
        ushort[] bits = [.. Enumerable.Range(0, 65536).Select(i => (ushort)i)];
        float[] wide = new float[bits.Length];
        ushort[] back = new ushort[bits.Length];
        BFloat16Bits.Dequantize(bits, wide);
        BFloat16Bits.Quantize(wide, back);
        Assert.All(bits, b => Assert.True(back[b] == b || (float.IsNaN(wide[b]) && back[b] == (b | 0x40))));
        Float16Bits.Dequantize(bits, wide);
        Float16Bits.Quantize(wide, back);
        Assert.All(bits, b => Assert.True(back[b] == b || (float.IsNaN(wide[b]) && Half.IsNaN(BitConverter.UInt16BitsToHalf(back[b])))));
    }

    [Fact]
    public void Int8_is_off_by_at_most_half_a_step() => Prop.ForAll(Values, w =>
    {
        ScaleGroups groups = ScaleGroups.PerBlock(4, w.Length);
        sbyte[] q = new sbyte[w.Length];
        float[] scales = new float[groups.Count];
        float[] back = new float[w.Length];
        Int8Absmax.Quantize(w, groups, q, scales);
        Int8Absmax.Dequantize(q, scales, groups, back);
        return Enumerable.Range(0, w.Length).All(i => MathF.Abs(back[i] - w[i]) <= 0.501f * scales[i / 4]);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Int4_is_off_by_at_most_half_a_step() => Prop.ForAll(Values, w =>
    {
        int blocks = (w.Length + 5) / 6;
        byte[] packed = new byte[blocks * 3];
        float[] scales = new float[blocks];
        float[] back = new float[w.Length];
        Int4Block.Quantize(w, 6, packed, scales);
        Int4Block.Dequantize(packed, scales, 6, back);
        return Enumerable.Range(0, w.Length).All(i => MathF.Abs(back[i] - w[i]) <= 0.501f * scales[i / 6]);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void UInt8_keeps_zero_exactly_and_is_off_by_at_most_one_step() => Prop.ForAll(Values, w =>
    {
        w[0] = 0f;
        byte[] q = new byte[w.Length];
        float[] scale = new float[1];
        byte[] zero = new byte[1];
        float[] back = new float[w.Length];
        UInt8Asymmetric.Quantize(w, q, scale, zero);
        UInt8Asymmetric.Dequantize(q, scale, zero, back);
        return back[0] == 0f && Enumerable.Range(0, w.Length).All(i => MathF.Abs(back[i] - w[i]) <= 1.01f * scale[0]);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void NormalFloat4_picks_the_nearest_table_value() => Prop.ForAll(Values, w =>
    {
        byte[] codes = new byte[(w.Length + 7) / 8 * 8];
        float[] absmax = new float[codes.Length / 8];
        NormalFloat4.Quantize(w, 8, codes, absmax);
        return Enumerable.Range(0, w.Length).All(i =>
        {
            float a = absmax[i / 8];
            float off = MathF.Abs((NormalFloat4.Table[codes[i]] * a) - w[i]);
            return NormalFloat4.Table.ToArray().All(t => off <= MathF.Abs((t * a) - w[i]) + (1e-6f * a));
        });
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Gguf_blocks_are_off_by_at_most_a_step_of_their_scale() => Prop.ForAll(Values, w =>
    {
        float[] x = [.. w, .. new float[32 - (w.Length % 32)]];
        byte[] q8 = new byte[x.Length / 32 * GgufQ8.BlockBytes];
        byte[] q4 = new byte[x.Length / 32 * GgufQ4.BlockBytes];
        float[] back8 = new float[x.Length];
        float[] back4 = new float[x.Length];
        GgufQ8.Quantize(x, q8);
        GgufQ8.Dequantize(q8, back8);
        GgufQ4.Quantize(x, q4);
        GgufQ4.Dequantize(q4, back4);
        return Enumerable.Range(0, x.Length).All(i =>
        {
            float largest = x.AsSpan(i / 32 * 32, 32).ToArray().Max(MathF.Abs);
            return MathF.Abs(back8[i] - x[i]) <= (largest * 0.006f) + 1e-4f && MathF.Abs(back4[i] - x[i]) <= (largest * 0.127f) + 1e-4f;
        });
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_does_not_fit_is_refused_in_words()
    {
        float[] w = [1f, 2f, 3f];
        Fails("Float8E4M3: 3 elements do not fit 2; expected equal lengths.", () => Float8E4M3.Quantize(w, new byte[2]));
        Fails("Int8Absmax: scales has length 2, expected 3.", () => Int8Absmax.Quantize(w, ScaleGroups.PerRow(3, 1), new sbyte[3], new float[2]));
        Fails("Int8Absmax: NaN cannot be quantised; expected finite values.", () => Int8Absmax.Quantize([float.NaN], ScaleGroups.PerTensor(1), new sbyte[1], new float[1]));
        Fails("Int4Block: block 3 is odd, and two elements share a byte.", () => Int4Block.Quantize(w, 3, new byte[2], new float[1]));
        Fails("Int4Block: packed has length 1, expected 2.", () => Int4Block.Quantize(w, 4, new byte[1], new float[1]));
        Fails("UInt8Asymmetric: 3 elements are no 2 rows of equal length.", () => UInt8Asymmetric.Quantize(w, new byte[3], new float[2], new byte[2]));
        Fails("NormalFloat4: block 0 is not positive.", () => NormalFloat4.Quantize(w, 0, new byte[4], new float[1]));
        Fails("GgufQ8: 3 elements are no whole blocks of 32.", () => GgufQ8.Quantize(w, new byte[34]));
        Fails("GgufQ4: the block data has length 34, expected 18.", () => GgufQ4.Quantize(new float[32], new byte[34]));
    }

    private static bool Nearest(float x, float y, Func<byte, float> widen, float largest)
    {
        double target = Math.Clamp(x, -largest, largest);
        double off = Math.Abs(y - target);
        return Enumerable.Range(0, 256).Select(i => widen((byte)i)).Where(float.IsFinite).All(v => off <= Math.Abs(v - target));
    }

    private static void Fails(string message, Action run) => Assert.Equal(message, Assert.Throws<EngineException>(run).Message);
}
