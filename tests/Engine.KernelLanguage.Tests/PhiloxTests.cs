using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.KernelLanguage.Tests;

public sealed class PhiloxTests
{
    // The known answers that the authors of the generator publish with it for philox4x32-10.
    [Theory]
    [InlineData(0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [InlineData(0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [InlineData(0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u, 0xa4093822u, 0x299f31d0u, 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void Rounds_give_the_published_answers(
        uint c0, uint c1, uint c2, uint c3, uint k0, uint k1, uint x, uint y, uint z, uint w) =>
        Assert.Equal(new Philox.Words(x, y, z, w), Philox.Rounds(c0, c1, c2, c3, k0, k1));

    [Fact]
    public void Seed_stream_and_counter_fill_key_and_counter_words() =>
        Assert.Equal(
            Philox.Rounds(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0),
            Philox.At(seed: 0x299f31d0_a4093822, stream: 0x03707344_13198a2e, counter: 0x85a308d3_243f6a88));

    [Fact]
    public void Words_of_a_stream_are_the_words_of_its_counters_in_order() =>
        Prop.ForAll<ulong, ulong, uint>((seed, stream, counter) =>
        {
            Philox.Words w = Philox.At(seed, stream, counter);
            ulong first = 4UL * counter;
            return Philox.Word(seed, stream, first) == w.X && Philox.Word(seed, stream, first + 1) == w.Y
                && Philox.Word(seed, stream, first + 2) == w.Z && Philox.Word(seed, stream, first + 3) == w.W;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Uniform_is_below_one_and_has_24_bits() =>
        Prop.ForAll<ulong, ulong, ulong>((seed, stream, index) =>
        {
            float u = Philox.Uniform(seed, stream, index);
            return u is >= 0f and < 1f && u * 16777216f == MathF.Floor(u * 16777216f);
        }).QuickCheckThrowOnFailure();

    // Seeds are fixed, so the bounds hold or fail for good. 4.4 standard deviations bound each statistic.
    [Theory]
    [InlineData(0ul, 0ul)]
    [InlineData(1ul, 0ul)]
    [InlineData(0ul, 1ul)]
    [InlineData(1337ul, 42ul)]
    public void Uniform_is_uniform(ulong seed, ulong stream)
    {
        const int Draws = 1 << 18;
        const int Bins = 64;
        const double Deviations = 4.4;
        int[] count = new int[Bins];
        double sum = 0;
        double product = 0;
        float previous = 0.5f;
        for (uint i = 0; i < Draws; i++)
        {
            float u = Philox.Uniform(seed, stream, i);
            count[(int)(u * Bins)]++;
            sum += u;
            product += (u - 0.5) * (previous - 0.5);
            previous = u;
        }

        const double Expected = (double)Draws / Bins;
        double chiSquare = count.Sum(c => (c - Expected) * (c - Expected) / Expected);
        Assert.InRange((sum / Draws) - 0.5, -Deviations * Math.Sqrt(1.0 / 12 / Draws), Deviations * Math.Sqrt(1.0 / 12 / Draws));
        Assert.InRange(product / Draws, -Deviations / 12 / Math.Sqrt(Draws), Deviations / 12 / Math.Sqrt(Draws));
        Assert.InRange(chiSquare - (Bins - 1), -Deviations * Math.Sqrt(2 * (Bins - 1)), Deviations * Math.Sqrt(2 * (Bins - 1)));
    }
}
