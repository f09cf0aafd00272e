using Engine.KernelLanguage;
using Engine.Numerics;
using Engine.Testing;
using Xunit;

namespace Engine.Tests.Numerics;

/// <summary>Number formats against the fixture, bit for bit unless a case says otherwise.</summary>
public sealed class NumericFixtureTests
{
    private static readonly Dictionary<string, Action<FixtureCase>> Table = new()
    {
        ["round"] = Round,
        ["bf16_add"] = RunningSum,
        ["bf16_mm"] = Product,
        ["quant"] = c => Assert.Equal(2, c.Shape("in.w").Rank),
        ["int8_tensor"] = c => Int8(c, (rows, columns) => ScaleGroups.PerTensor(rows * columns)),
        ["int8_row"] = c => Int8(c, ScaleGroups.PerRow),
        ["int8_col"] = c => Int8(c, (_, columns) => ScaleGroups.PerColumn(columns)),
        ["int8_block"] = c => Int8(c, (rows, columns) => ScaleGroups.PerBlock((int)c.Number("block"), rows * columns)),
        ["int4_block"] = Int4,
        ["uint8_asym"] = UInt8,
        ["nf4_block64"] = NormalFloat,
        ["ggml"] = Gguf,
    };

    public static TheoryData<string> Cases => Fixture.CasesOf("numeric");

    [Theory]
    [MemberData(nameof(Cases))]
    public void Agrees_with_the_reference(string name)
    {
        Assert.True(Table.TryGetValue(name, out Action<FixtureCase>? run), $"numeric: no runner for case '{name}'");
        run(Fixture.Open("numeric").Case(name));
    }

    private static void Round(FixtureCase c)
    {
        float[] values = [.. c.Doubles("in.f32").Select(bits => BitConverter.UInt32BitsToSingle((uint)bits))];
        bool[] isNaN = [.. c.Ints("in.is_nan").Select(flag => flag != 0)];
        Assert.Equal(isNaN, values.Select(float.IsNaN));
        ushort[] half = new ushort[values.Length];
        byte[] small = new byte[values.Length];

        BFloat16Bits.Quantize(values, half);
        Bits("bf16", half);
        BFloat16Bits.Truncate(values, half);
        Bits("bf16_trunc", half);
        Float8E4M3.Quantize(values, small, saturate: true);
        Bits("e4m3fn_sat", small);
        Float8E4M3.Quantize(values, small, saturate: false);
        Bits("e4m3fn", small);
        Float8E5M2.Quantize(values, small, saturate: true);
        Bits("e5m2_sat", small);
        Float8E5M2.Quantize(values, small, saturate: false);
        Bits("e5m2", small);

        Float16Bits.Quantize(values, half);
        int[] expected = c.Ints("out.f16");
        for (int i = 0; i < values.Length; i++)
        {
            Half y = BitConverter.UInt16BitsToHalf(half[i]);
            Assert.True(isNaN[i] ? Half.IsNaN(y) : half[i] == expected[i], $"f16 of {values[i]:R} is 0x{half[i]:X4}, expected 0x{expected[i]:X4}");
        }

        void Bits<T>(string format, T[] actual)
            where T : unmanaged, IConvertible
        {
            int[] bits = c.Ints("out." + format);
            for (int i = 0; i < bits.Length; i++)
            {
                int a = actual[i].ToInt32(null);
                Assert.True(a == bits[i], $"{format} of 0x{BitConverter.SingleToUInt32Bits(values[i]):X8} ({values[i]:R}) is 0x{a:X}, expected 0x{bits[i]:X}");
            }
        }
    }

    private static void RunningSum(FixtureCase c)
    {
        float narrow = 0f;
        float wide = 0f;
        float[] x = c.Floats("in.x");
        float[] narrowSums = new float[x.Length];
        float[] wideSums = new float[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            narrow = (float)(BFloat16)(narrow + x[i]);
            wide += x[i];
            narrowSums[i] = narrow;
            wideSums[i] = wide;
        }

        Assert.Equal(c.Floats("out.bf16"), narrowSums);
        Tolerance.Operator.AssertClose(c.Doubles("out.f32"), wideSums, "bf16_add f32");
    }

    // The engine's own casts and product: bf16 operands, float32 sums, the result rounded to bf16.
    private static void Product(FixtureCase c)
    {
        using CpuDevice device = new();
        using StepScope step = new(device, recording: false);
        Tensor a = Narrow(step.From<float>(c.Floats("in.a"), c.Shape("in.a")));
        Tensor b = Narrow(step.From<float>(c.Floats("in.b"), c.Shape("in.b")));
        float[] y = Narrow(a.MatMul(b)).ToArray();
        double[] exact = c.Doubles("f64.out.y");
        float[] expected = c.Floats("out.y");
        for (int i = 0; i < y.Length; i++)
        {
            // Where the exact value is within 1e-6 of a tie, the last bit may fall either way.
            float other = (float)(BFloat16)(float)(exact[i] + (Math.Abs(exact[i]) * 1e-6));
            float another = (float)(BFloat16)(float)(exact[i] - (Math.Abs(exact[i]) * 1e-6));
            Assert.True(y[i] == expected[i] || y[i] == other || y[i] == another, $"bf16_mm element {i} is {y[i]:R}, expected {expected[i]:R}");
        }
    }

    private static Tensor Narrow(Tensor x) => x.To(DType.BFloat16).To(DType.Float32);

    private static void Int8(FixtureCase c, Func<int, int, ScaleGroups> group)
    {
        (float[] w, Shape shape) = Matrix(c);
        ScaleGroups groups = group(shape[0], shape[1]);
        sbyte[] q = new sbyte[c.Shape("out.q").Count];
        float[] scales = new float[groups.Count];
        Int8Absmax.Quantize(w, groups, q, scales);
        Assert.Equal(c.Floats("out.scale"), scales);
        Assert.Equal(c.Ints("out.q"), q.Select(v => (int)v));
        float[] back = new float[w.Length];
        Int8Absmax.Dequantize(q, scales, groups, back);
        AssertDequantized(c, back);
    }

    private static void Int4(FixtureCase c)
    {
        (float[] w, _) = Matrix(c);
        int block = (int)c.Number("block");
        byte[] packed = new byte[c.Shape("out.packed").Count];
        float[] scales = new float[c.Shape("out.scale").Count];
        Int4Block.Quantize(w, block, packed, scales);
        Assert.Equal(c.Floats("out.scale"), scales);
        Assert.Equal(c.Ints("out.q"), Enumerable.Range(0, packed.Length * 2).Select(i => Int4Block.Element(packed, i)));
        Assert.Equal(c.File.Raw(c.Name + "/out.packed"), packed);
        float[] back = new float[w.Length];
        Int4Block.Dequantize(packed, scales, block, back);
        AssertDequantized(c, back);
    }

    private static void UInt8(FixtureCase c)
    {
        (float[] w, Shape shape) = Matrix(c);
        byte[] q = new byte[w.Length];
        float[] scales = new float[shape[0]];
        byte[] zeros = new byte[shape[0]];
        UInt8Asymmetric.Quantize(w, q, scales, zeros);
        Assert.Equal(c.Floats("out.scale"), scales);
        Assert.Equal(c.File.Raw(c.Name + "/out.zero"), zeros);
        Assert.Equal(c.File.Raw(c.Name + "/out.q"), q);
        float[] back = new float[w.Length];
        UInt8Asymmetric.Dequantize(q, scales, zeros, back);
        AssertDequantized(c, back);
    }

    private static void NormalFloat(FixtureCase c)
    {
        (float[] w, _) = Matrix(c);
        int block = (int)c.Number("block");
        Assert.Equal(c.Floats("out.table"), NormalFloat4.Table.ToArray());
        byte[] codes = new byte[c.Shape("out.code").Count];
        float[] absmax = new float[c.Shape("out.absmax").Count];
        NormalFloat4.Quantize(w, block, codes, absmax);
        Assert.Equal(c.Floats("out.absmax"), absmax);
        Assert.Equal(c.File.Raw(c.Name + "/out.code"), codes);
        byte[] packed = new byte[(codes.Length + 1) / 2];
        NormalFloat4.Pack(codes, packed);
        Array.Clear(codes);
        NormalFloat4.Unpack(packed, codes);
        float[] back = new float[w.Length];
        NormalFloat4.Dequantize(codes, absmax, block, back);
        AssertDequantized(c, back);
    }

    private static void Gguf(FixtureCase c)
    {
        float[] w = c.Floats("in.w");
        byte[] q8 = new byte[c.Shape("out.q8_0").Count];
        byte[] q4 = new byte[c.Shape("out.q4_0").Count];
        GgufQ8.Quantize(w, q8);
        GgufQ4.Quantize(w, q4);
        Assert.Equal(c.File.Raw(c.Name + "/out.q8_0"), q8);
        Assert.Equal(c.File.Raw(c.Name + "/out.q4_0"), q4);
    }

    // All quantisations start from the matrix of case "quant", unless the case has one of its own.
    private static (float[] Values, Shape Shape) Matrix(FixtureCase c)
    {
        FixtureCase source = c.Has("in.w") ? c : c.File.Case("quant");
        return (source.Floats("in.w"), source.Shape("in.w"));
    }

    private static void AssertDequantized(FixtureCase c, float[] back)
    {
        if (c.Has("out.dequant"))
        {
            Assert.Equal(c.Floats("out.dequant"), back);
        }
    }
}
