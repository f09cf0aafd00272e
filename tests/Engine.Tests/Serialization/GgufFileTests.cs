using System.Buffers.Binary;
using Engine.Serialization;
using Engine.Testing;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Tests.Serialization;

/// <summary>GGUF: blocks bit for bit, files written and read again, real and broken ones.</summary>
public sealed class GgufFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CpuDevice _device = new(threads: 1);

    public void Dispose()
    {
        _device.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Blocks_are_laid_out_as_ggml_lays_them_out()
    {
        // d = 2; number i is q = i − 16 (Q8_0); nibbles i % 16 (Q4_0: −8 on top).
        byte[] q8 = [.. Half(2f), .. Enumerable.Range(0, 32).Select(i => (byte)(sbyte)(i - 16))];
        Assert.Equal([.. Enumerable.Range(0, 32).Select(i => 2f * (i - 16))], Read("Q8_0", q8));
        byte[] q4 = [.. Half(2f), .. Enumerable.Range(0, 16).Select(i => (byte)(i | ((15 - i) << 4)))];
        Assert.Equal([.. Enumerable.Range(0, 16).Select(i => 2f * (i - 8)), .. Enumerable.Range(0, 16).Select(i => 2f * (7 - i))], Read("Q4_0", q4));

        // d = 1, dmin = ½; part j has scale 5j + 1 and minimum 7j + 2, in 6 bits each; all its numbers are j + 3.
        byte[] packed = new byte[12];
        for (int j = 0; j < 4; j++)
        {
            (int s, int m, int s4, int m4) = ((5 * j) + 1, (7 * j) + 2, (5 * (j + 4)) + 1, (7 * (j + 4)) + 2);
            packed[j] = (byte)(s | (s4 >> 4 << 6));
            packed[j + 4] = (byte)(m | (m4 >> 4 << 6));
            packed[j + 8] = (byte)((s4 & 15) | ((m4 & 15) << 4));
        }

        byte[] q4k = [.. Half(1f), .. Half(0.5f), .. packed, .. Enumerable.Range(0, 128).Select(i => (byte)(((i / 32 * 2) + 3) | (((i / 32 * 2) + 4) << 4)))];
        Assert.Equal([.. Enumerable.Range(0, 256).Select(i => (((5 * (i / 32)) + 1) * ((i / 32) + 3)) - (0.5f * ((7 * (i / 32)) + 2)))], Read("Q4_K", q4k));
    }

    [Theory]
    [InlineData("Q8_0", 254)] // steps of 1/127 of the largest number
    [InlineData("Q4_0", 16)]
    [InlineData("Q4_K", 15)] // of the span, and 6-bit scales
    public void Quantising_is_off_by_about_half_a_step_and_exact_the_second_time(string type, int steps) =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            int n = QuantBlocks.ElementsOf(type);
            Random random = new(seed);
            float[] x = [.. Enumerable.Range(0, n).Select(_ => (random.NextSingle() * 4f) - 1.5f)];
            byte[] bytes = new byte[QuantBlocks.BytesOf(type)];
            QuantBlocks.Quantize(type, x, bytes);
            float[] once = Read(type, bytes);
            float step = type == "Q4_K" ? 4f / steps : type == "Q4_0" ? 2.5f / 8 : 2.5f / 127;

            // Half a step, what rounding d to 16 bits and scales to 6 adds; in Q4_0 the largest value of the other sign is cut to 7 of 8.
            float most = type == "Q4_0" ? step * 1.01f : step * (type == "Q4_K" ? 0.8f : 0.6f);
            for (int i = 0; i < n; i++)
            {
                Assert.True(Math.Abs(once[i] - x[i]) <= most, $"{x[i]} became {once[i]}, step {step}");
            }

            if (type != "Q4_K")
            {
                byte[] again = new byte[bytes.Length];
                QuantBlocks.Quantize(type, once, again);
                Assert.Equal(once, Read(type, again));
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    [Theory]
    [InlineData("Q4_1")]
    [InlineData("Q5_0")]
    [InlineData("Q5_1")]
    [InlineData("Q5_K")]
    [InlineData("Q6_K")]
    [InlineData("Q8_K")]
    public void Blocks_that_are_only_read_are_those_of_ggml(string type) => Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
    {
        byte[] block = new byte[QuantBlocks.BytesOf(type)];
        new Random(seed).NextBytes(block);
        Half d = (Half)((seed % 17) / 8f);
        int at = type switch { "Q6_K" => 208, _ => 0 };
        if (type == "Q8_K")
        {
            BinaryPrimitives.WriteSingleLittleEndian(block, (float)d);
        }
        else
        {
            BinaryPrimitives.WriteHalfLittleEndian(block.AsSpan(at), d);
            if (type is "Q4_1" or "Q5_1" or "Q5_K")
            {
                BinaryPrimitives.WriteHalfLittleEndian(block.AsSpan(2), (Half)0.375f);
            }
        }

        float[] actual = Read(type, block);
        Assert.All(actual.Zip(GgmlReference.Read(type, block)), pair => Assert.Equal(pair.Second, pair.First, 1e-4f * MathF.Max(1f, MathF.Abs(pair.Second))));
        EngineException e = Assert.Throws<EngineException>(() =>
        {
            using Tensor x = Tensor.Zeros(_device, [1, 256]);
            GgufFile.Save(_folder.File("x.gguf"), [("general.architecture", "x")], [new GgufTensor("m", x, type)]);
        });
        Assert.Contains("cannot be written as " + type, e.Message, StringComparison.Ordinal);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(50));

    [Theory]
    [InlineData("F32")]
    [InlineData("F16")]
    [InlineData("BF16")]
    [InlineData("Q8_0")]
    [InlineData("Q4_0")]
    [InlineData("Q4_K")]
    public void What_is_written_is_read(string type)
    {
        string path = Write(type);
        using GgufFile file = GgufFile.Open(path);
        Assert.Equal("test", file.Values["general.architecture"]);
        Assert.Equal(new[] { "a", "ß", "" }, file.Values["names"]);
        Assert.Equal(new[] { 1.5f, -2f }, file.Values["numbers"]);
        Assert.Equal(new[] { true, false }, file.Values["flags"]);
        Assert.Equal((7u, -7L, 0.5, (byte)3), (file.Values["u32"], file.Values["i64"], file.Values["f64"], file.Values["u8"]));
        Assert.Equal([4L, 256L], file.Entries["m"].Shape);
        Assert.Equal(type, file.Entries["m"].DType);
        using Tensor m = file.ReadTensor("m", _device, DType.Float32);
        byte[] bytes = new byte[FileElements.BytesOf(type, 1024)];
        float[] values = Values();
        if (QuantBlocks.BytesOf(type) > 0)
        {
            QuantBlocks.Quantize(type, values, bytes);
            Assert.Equal(bytes, file.Read("m"));
            Assert.Equal(Read(type, bytes), m.ToArray());
        }
        else
        {
            new Tolerance(0, type == "F32" ? 0 : type == "F16" ? 1e-3 : 8e-3).AssertClose(values, m.ToArray(), type);
        }

        Assert.Equal(0, file.Entries["v"].Start % 32);
        using Tensor v = file.ReadTensor("v", _device);
        Assert.Equal([1f, 2f, 3f], v.ToArray());
    }

    [Fact]
    public void Rows_of_rotary_heads_go_to_pairs_and_back()
    {
        using Tensor m = Tensor.Empty(_device, [8, 2]);
        m.Load<float>([.. Enumerable.Range(0, 16).Select(i => (float)i)]);
        string path = _folder.File("rotary.gguf");
        GgufFile.Save(path, [("general.architecture", "x")], [new GgufTensor("q", m, "F32", RotaryHead: 4)]);
        using GgufFile file = GgufFile.Open(path);
        using Tensor inFile = file.ReadTensor("q", _device);
        Assert.Equal([0f, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15], inFile.ToArray());
        using RenamedWeights renamed = new(GgufFile.Open(path), name => (name + "_proj", 4));
        using Tensor back = renamed.ReadTensor("q_proj", _device);
        Assert.Equal(m.ToArray(), back.ToArray());
    }

    [Fact]
    public void Broken_files_do_no_harm() => FileFuzz.Run(File.ReadAllBytes(Write("Q8_0")), GgufFile.Open);

    [Theory]
    [InlineData(0, 0x41UL, 1, "the letters GGUF are not at the beginning")]
    [InlineData(4, 1UL, 4, "version 1 is not 2 or 3")]
    [InlineData(8, ulong.MaxValue, 8, "the number of tensors is 18446744073709551615, but only")]
    [InlineData(16, 1UL << 40, 8, "the number of metadata keys is 1099511627776, but only")]
    [InlineData(24, ulong.MaxValue, 8, "the length of a text is 18446744073709551615, but only")]
    [InlineData(24 + 8 + 20, 13UL, 4, "general.architecture has the unknown type 13")]
    public void A_false_head_is_refused_with_its_place(int at, ulong value, int bytes, string fault)
    {
        string path = Write("F16");
        byte[] file = File.ReadAllBytes(path);
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(number, value);
        number[..bytes].CopyTo(file.AsSpan(at));
        File.WriteAllBytes(path, file);
        EngineException e = Assert.Throws<EngineException>(() => GgufFile.Open(path));
        Assert.StartsWith($"{path}: not a valid GGUF file: byte ", e.Message, StringComparison.Ordinal);
        Assert.Contains(fault, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(32UL, "begins at byte 32 of")]
    [InlineData(31UL, "not at a multiple of 32")]
    [InlineData(1UL << 63, "begins at byte -9223372036854775808 of")]
    public void A_tensor_outside_or_over_another_is_refused(ulong offset, string fault)
    {
        string path = Write("F32");
        byte[] file = File.ReadAllBytes(path);
        int name = file.AsSpan().LastIndexOf("\u0001\0\0\0\0\0\0\0v"u8); // v's length and name; one axis, its size and its type come before the offset
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(name + 9 + 4 + 8 + 4), offset);
        File.WriteAllBytes(path, file);
        string message = Assert.Throws<EngineException>(() => GgufFile.Open(path)).Message;
        Assert.True(message.Contains(fault, StringComparison.Ordinal) || message.Contains("inside that of another tensor", StringComparison.Ordinal), message);
    }

    /// <summary>A file from the world: MobileNetV3 in fp16, where <c>ENGINE_GGUF_FILE</c> says (npm <c>@qvac/classification-ggml@0.26.3</c>).</summary>
    [Fact]
    public void A_published_file_is_read()
    {
        if (Environment.GetEnvironmentVariable("ENGINE_GGUF_FILE") is not { Length: > 0 } path)
        {
            Requirement.Missing("gguf", "ENGINE_GGUF_FILE is not set; it names a GGUF file");
            return;
        }

        using GgufFile file = GgufFile.Open(path);
        Assert.NotEmpty(file.Entries);
        foreach (WeightEntry entry in file.Entries.Values)
        {
            using Tensor x = file.ReadTensor(entry.Name, _device, DType.Float32);
            Assert.All(x.ToArray(), v => Assert.True(float.IsFinite(v)));
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{file.Entries.Count} tensors: {string.Join(", ", file.Entries.Values.GroupBy(e => e.DType).Select(g => $"{g.Count()} {g.Key}"))}");
    }

    private static float[] Values() => [.. Enumerable.Range(0, 1024).Select(i => MathF.Sin(i) * (1 + (i % 7)))];

    private static byte[] Half(float value)
    {
        byte[] bytes = new byte[2];
        BinaryPrimitives.WriteHalfLittleEndian(bytes, (System.Half)value);
        return bytes;
    }

    private static float[] Read(string type, byte[] bytes)
    {
        float[] x = new float[bytes.Length / QuantBlocks.BytesOf(type) * QuantBlocks.ElementsOf(type)];
        QuantBlocks.Dequantize(type, bytes, x);
        return x;
    }

    private string Write(string type)
    {
        string path = _folder.File("written.gguf");
        using Tensor m = Tensor.Empty(_device, [4, 256]);
        m.Load<float>(Values());
        using Tensor v = Tensor.Empty(_device, [3]);
        v.Load<float>([1, 2, 3]);
        GgufFile.Save(
            path,
            [("general.architecture", "test"), ("names", new[] { "a", "ß", "" }), ("numbers", new[] { 1.5f, -2f }), ("flags", new[] { true, false }), ("u32", 7u), ("i64", -7L), ("f64", 0.5), ("u8", (byte)3)],
            [new GgufTensor("m", m, type), new GgufTensor("v", v, "F32")]);
        return path;
    }
}
