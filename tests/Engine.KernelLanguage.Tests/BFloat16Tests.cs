using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.KernelLanguage.Tests;

public sealed class BFloat16Tests
{
    private static float Widen(int bits) => (float)new BFloat16((ushort)bits);

    [Fact]
    public void Every_value_survives_widening_and_rounding()
    {
        for (int bits = 0; bits <= ushort.MaxValue; bits++)
        {
            BFloat16 value = new((ushort)bits);
            float wide = (float)value;
            BFloat16 back = (BFloat16)wide;
            Assert.True(float.IsNaN(wide) ? float.IsNaN((float)back) : back == value, $"bits {bits:X4}");
        }
    }

    [Fact]
    public void Halfway_goes_to_the_even_neighbour_and_the_rest_to_the_nearer()
    {
        // All finite pairs of neighbours, infinity as the last upper one.
        for (int bits = 0; bits < 0x7F80; bits++)
        {
            uint half = ((uint)bits << 16) + 0x8000;
            int even = bits + (bits & 1);
            Check(half - 1, bits);
            Check(half, even);
            Check(half + 1, bits + 1);
        }

        static void Check(uint single, int expected)
        {
            Assert.Equal((ushort)expected, ((BFloat16)BitConverter.UInt32BitsToSingle(single)).Bits);
            Assert.Equal((ushort)(expected | 0x8000), ((BFloat16)BitConverter.UInt32BitsToSingle(single | 0x8000_0000)).Bits);
        }
    }

    [Fact]
    public void Rounding_is_monotone() =>
        Prop.ForAll<float, float>((a, b) =>
            float.IsNaN(a) || float.IsNaN(b) || (float)(BFloat16)Math.Min(a, b) <= (float)(BFloat16)Math.Max(a, b))
        .QuickCheckThrowOnFailure();

    [Fact]
    public void Rounding_errs_by_at_most_two_to_the_minus_eight() =>
        Prop.ForAll<float>(x =>
            !float.IsNormal(x) || Math.Abs(x) > Widen(0x7F7F) || Math.Abs((float)(BFloat16)x - x) <= Math.Abs(x) / 256f)
        .QuickCheckThrowOnFailure();

    [Fact]
    public void Special_values_keep_their_meaning()
    {
        Assert.Equal(float.PositiveInfinity, (float)(BFloat16)float.PositiveInfinity);
        Assert.Equal(float.NegativeInfinity, (float)(BFloat16)float.NegativeInfinity);
        Assert.Equal(float.PositiveInfinity, (float)(BFloat16)float.MaxValue);
        Assert.True(float.IsNegative((float)(BFloat16)(-0f)));
        Assert.True(float.IsNaN((float)(BFloat16)float.NaN));

        // A signalling NaN whose payload lies in the lower half must not turn into infinity.
        Assert.True(float.IsNaN((float)(BFloat16)BitConverter.UInt32BitsToSingle(0x7F800001)));
    }

    [Fact]
    public void Equality_is_of_bits()
    {
        Assert.True(new BFloat16(0x3F80) == (BFloat16)1f);
        Assert.True(new BFloat16(0x8000) != new BFloat16(0));
        Assert.True(new BFloat16(0x7FC0).Equals((object)new BFloat16(0x7FC0)));
        Assert.Equal("1", new BFloat16(0x3F80).ToString());
    }
}
