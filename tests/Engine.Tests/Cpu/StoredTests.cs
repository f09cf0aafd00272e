using System.Runtime.Intrinsics;
using Engine.KernelLanguage;
using Xunit;

namespace Engine.Tests.Cpu;

/// <summary>The vectorised conversions against the scalar ones, bit for bit, at every width, whole vectors and partial ones.</summary>
public sealed unsafe class StoredTests
{
    // No multiple of any vector width.
    private const int Odd = 65536 + 13;

    [Fact]
    public void Every_16_bit_pattern_widens_exactly()
    {
        Widens<BFloat16>(bits => (float)new BFloat16(bits));
        Widens<Half>(bits => (float)BitConverter.UInt16BitsToHalf(bits));
    }

    [Fact]
    public void Rounding_goes_to_the_nearest_and_ties_to_even()
    {
        float[] values = new float[Odd * 8];
        RandomStream random = new(3, 1);
        for (int i = 0; i < values.Length; i++)
        {
            uint pattern = (uint)(i % 65536);
            values[i] = BitConverter.UInt32BitsToSingle((i / 65536) switch
            {
                // Both types' numbers and all that lies next to the middle between two of them.
                0 => pattern << 16,
                1 => (pattern << 16) | 0x8000,
                2 => (pattern << 16) | 0x8001,
                3 => (pattern << 16) | 0x7FFF,
                4 => BitConverter.SingleToUInt32Bits((float)BitConverter.UInt16BitsToHalf((ushort)pattern)),
                5 => BitConverter.SingleToUInt32Bits((float)BitConverter.UInt16BitsToHalf((ushort)pattern)) + 0x1000,
                6 => BitConverter.SingleToUInt32Bits((float)BitConverter.UInt16BitsToHalf((ushort)pattern)) + 0x1001,
                _ => ((uint)random.NextInt(1 << 16) << 16) | (uint)random.NextInt(1 << 16),
            });
        }

        Rounds(values, x => ((BFloat16)x).Bits);
        Rounds(values, x => BitConverter.HalfToUInt16Bits((Half)x));
        return;

        static void Rounds(float[] values, Func<float, ushort> exact)
        {
            bool half = exact(1f) == 0x3C00;
            foreach (ushort[] actual in half ? Narrowed<Half>(values) : Narrowed<BFloat16>(values))
            {
                for (int i = 0; i < values.Length; i++)
                {
                    // NaN stays NaN; which one does not matter.
                    bool same = float.IsNaN(values[i]) ? IsNaN(actual[i], half) : actual[i] == exact(values[i]);
                    Assert.True(same, $"{values[i]:R} became {actual[i]:X4}, expected {exact(values[i]):X4}");
                }
            }
        }
    }

    [Fact]
    public void Partial_vectors_touch_nothing_beyond_their_end()
    {
        BFloat16* memory = stackalloc BFloat16[24];
        for (int n = 0; n < 16; n++)
        {
            new Span<BFloat16>(memory, 24).Fill((BFloat16)7f);
            Stored<Simd512, Vector512<float>>.Store(memory, Vector512.Create(1f), n);
            Vector512<float> back = Stored<Simd512, Vector512<float>>.Load(memory, n);
            for (int i = 0; i < 24; i++)
            {
                Assert.Equal(i < n ? 1f : 7f, (float)memory[i]);
                Assert.Equal(i < n ? 1f : 0f, i < 16 ? back[i] : 0f);
            }
        }
    }

    private static bool IsNaN(ushort bits, bool half) =>
        half ? Half.IsNaN(BitConverter.UInt16BitsToHalf(bits)) : float.IsNaN((float)new BFloat16(bits));

    private static void Widens<T>(Func<ushort, float> exact)
        where T : unmanaged
    {
        ushort[] patterns = [.. Enumerable.Range(0, Odd).Select(i => (ushort)i)];
        float[][] results = [new float[Odd], new float[Odd], new float[Odd]];
        fixed (ushort* from = patterns)
        fixed (float* a = results[0], b = results[1], c = results[2])
        {
            Stored<Simd128, Vector128<float>>.Convert((T*)from, a, Odd);
            Stored<Simd256, Vector256<float>>.Convert((T*)from, b, Odd);
            Stored<Simd512, Vector512<float>>.Convert((T*)from, c, Odd);
        }

        foreach (float[] result in results)
        {
            for (int i = 0; i < Odd; i++)
            {
                float expected = exact(patterns[i]);
                bool same = float.IsNaN(expected) ? float.IsNaN(result[i])
                    : BitConverter.SingleToUInt32Bits(expected) == BitConverter.SingleToUInt32Bits(result[i]);
                Assert.True(same, $"{patterns[i]:X4} became {result[i]:R}, expected {expected:R}");
            }
        }
    }

    private static ushort[][] Narrowed<T>(float[] values)
        where T : unmanaged
    {
        ushort[][] results = [new ushort[values.Length], new ushort[values.Length], new ushort[values.Length]];
        fixed (float* from = values)
        fixed (ushort* a = results[0], b = results[1], c = results[2])
        {
            Stored<Simd128, Vector128<float>>.Convert(from, (T*)a, values.Length);
            Stored<Simd256, Vector256<float>>.Convert(from, (T*)b, values.Length);
            Stored<Simd512, Vector512<float>>.Convert(from, (T*)c, values.Length);
        }

        return results;
    }
}
