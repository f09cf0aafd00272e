using System.Text;
using Engine.KernelLanguage;
using Engine.Serialization;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Tests.Serialization;

public sealed class SafeTensorsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CpuDevice _device = new(threads: 1);

    public void Dispose()
    {
        _device.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_mapped_tensor_has_the_bytes_of_the_file()
    {
        using TemporaryFolder folder = new();
        using CpuDevice device = new(threads: 1);
        using Tensor a = Tensor.Empty(device, [3, 1000]);
        a.Load<float>([.. Enumerable.Range(0, 3000).Select(i => (float)i)]);
        using Tensor b = Tensor.Empty(device, [0]);
        string path = folder.File("mapped.safetensors");
        SafeTensors.Save(path, [("a", a), ("b", b)]);
        using SafeTensors file = SafeTensors.Open(path);
        MappedTensor map = file.Map("a");
        Assert.Equal(file.Read("a"), map.Bytes(0, 12000).ToArray());
        Assert.Equal(BitConverter.GetBytes(7f), map.Bytes(28, 4).ToArray());
        Assert.Throws<EngineException>(() => map.Bytes(11997, 4).Length);
        Assert.Throws<EngineException>(() => map.Bytes(-1, 1).Length);
        map.Dispose();
        Assert.Throws<EngineException>(() => map.Bytes(0, 1).Length);
        using MappedTensor empty = file.Map("b");
        Assert.Equal(0, empty.Bytes(0, 0).Length);
        Assert.Throws<EngineException>(() => file.Map("c"));
    }

    [Fact]
    public void The_file_is_what_the_format_says()
    {
        string path = _folder.File("a.safetensors");
        using Tensor half = Tensor.From<Half>(_device, [(Half)1f], [1]);
        using Tensor ints = Tensor.From<int>(_device, [7, 8], [2, 1]);
        SafeTensors.Save(path, [("h", half), ("i", ints)], new Dictionary<string, string> { ["b"] = "2", ["a"] = "é" });
        byte[] bytes = File.ReadAllBytes(path);
        const string Json = """{"__metadata__":{"a":"é","b":"2"},"i":{"dtype":"I32","shape":[2,1],"data_offsets":[0,8]},"h":{"dtype":"F16","shape":[1],"data_offsets":[8,10]}}""";
        int header = (Encoding.UTF8.GetByteCount(Json) + 7) / 8 * 8;
        Assert.Equal(header, BitConverter.ToInt64(bytes, 0));
        Assert.Equal(Json, Encoding.UTF8.GetString(bytes, 8, header).TrimEnd(' '));
        Assert.Equal([7, 0, 0, 0, 8, 0, 0, 0, 0x00, 0x3C], bytes[(8 + header)..]);
        Assert.Equal(["a.safetensors"], _folder.Names);
    }

    [Fact]
    public void What_is_saved_comes_back() =>
        Prop.ForAll(Arbitrary(), contents =>
        {
            string path = _folder.File("round.safetensors");
            Tensor[] tensors = [.. contents.Tensors.Select(t => t.Make(_device))];
            SafeTensors.Save(path, contents.Tensors.Select((t, i) => (t.Name, tensors[i])), contents.Metadata);
            byte[] first = File.ReadAllBytes(path);
            SafeTensors.Save(path, contents.Tensors.Select((t, i) => (t.Name, tensors[i])).Reverse(), contents.Metadata);
            Assert.Equal(first, File.ReadAllBytes(path));
            using SafeTensors file = SafeTensors.Open(path);
            Assert.Equal(contents.Metadata, file.Metadata);
            Assert.Equal(contents.Tensors.Length, file.Entries.Count);
            for (int i = 0; i < tensors.Length; i++)
            {
                using Tensor back = file.ReadTensor(contents.Tensors[i].Name, _device);
                Assert.Equal(tensors[i].DType, back.DType);
                Assert.Equal(tensors[i].Shape, back.Shape);
                Assert.Equal(tensors[i].ToArray(), back.ToArray());
                back.ZeroInPlace();
                file.Load(contents.Tensors[i].Name, back);
                Assert.Equal(tensors[i].ToArray(), back.ToArray());
                tensors[i].Dispose();
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Large_tensors_go_piece_by_piece()
    {
        string path = _folder.File("large.safetensors");
        const int N = (1 << 20) + 77;
        using Tensor x = Tensor.From<float>(_device, [.. Enumerable.Range(0, N).Select(i => (float)i)], [N]);
        using Tensor target = Tensor.Empty(_device, [N], DType.BFloat16);
        SafeTensors.Save(path, [("x", x)]);
        using SafeTensors file = SafeTensors.Open(path);
        long before = GC.GetAllocatedBytesForCurrentThread();
        file.Load("x", target);
        SafeTensors.Save(path + "2", [("x", x)]);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, N * 4L);
        Assert.Equal(x.ToArray().Select(v => (float)(BFloat16)v), target.ToArray());
        Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(path + "2"));
    }

    [Fact]
    public void Strided_tensors_are_written_row_major()
    {
        string path = _folder.File("t.safetensors");
        using Tensor x = Tensor.From<float>(_device, [1, 2, 3, 4, 5, 6], [2, 3]);
        long live = _device.Memory.LiveBytes;
        using (Tensor transposed = x.Transpose(0, 1))
        {
            SafeTensors.Save(path, [("x", transposed)]);
        }

        Assert.Equal(live, _device.Memory.LiveBytes);
        using SafeTensors file = SafeTensors.Open(path);
        using Tensor back = file.ReadTensor("x", _device);
        Assert.Equal([1f, 4, 2, 5, 3, 6], back.ToArray());
    }

    [Fact]
    public void Types_convert_within_their_kind()
    {
        string path = _folder.File("types.safetensors");
        RawFile raw = new();
        raw.Add("F64", "F64", [3], BitConverter.GetBytes(0.1).Concat(BitConverter.GetBytes(-2.5)).Concat(BitConverter.GetBytes(1e300)));
        raw.Add("I64", "I64", [2], BitConverter.GetBytes(-5L).Concat(BitConverter.GetBytes((long)int.MaxValue)));
        raw.Add("U64", "U64", [1], BitConverter.GetBytes(9UL));
        raw.Add("U32", "U32", [1], BitConverter.GetBytes(11u));
        raw.Add("I16", "I16", [1], BitConverter.GetBytes((short)-3));
        raw.Add("U16", "U16", [1], BitConverter.GetBytes((ushort)65535));
        raw.Add("I8", "I8", [1], [0xFF]);
        raw.Add("U8", "U8", [1], [0xFF]);
        raw.Add("BOOL", "BOOL", [2], [0, 1]);
        raw.Add("F16", "F16", [1], BitConverter.GetBytes((Half)0.1f));
        raw.Add("BF16", "BF16", [1], BitConverter.GetBytes(((BFloat16)0.1f).Bits));
        raw.Save(path);
        using SafeTensors file = SafeTensors.Open(path);
        Check("F64", DType.Float32, 0.1f, -2.5f, float.PositiveInfinity);
        Check("F64", DType.Float16, (float)(Half)0.1f, -2.5f, float.PositiveInfinity, to: DType.Float16);
        Check("F16", DType.Float16, (float)(Half)0.1f);
        Check("F16", DType.Float32, (float)(Half)0.1f, to: DType.Float32);
        Check("BF16", DType.BFloat16, (float)(BFloat16)0.1f);
        Check("BF16", DType.Float16, (float)(Half)(float)(BFloat16)0.1f, to: DType.Float16);
        Check("I64", DType.Int32, -5, int.MaxValue);
        Check("U64", DType.Int32, 9);
        Check("U32", DType.Int32, 11);
        Check("I16", DType.Int32, -3);
        Check("U16", DType.Int32, 65535);
        Check("I8", DType.Int32, -1);
        Check("U8", DType.Int32, 255);
        Check("BOOL", DType.Int32, 0, 1);

        void Check(string name, DType expected, float a, float? b = null, float? c = null, DType? to = null)
        {
            using Tensor x = file.ReadTensor(name, _device, to);
            Assert.Equal(expected, x.DType);
            Assert.Equal(new[] { a, b, c }.Where(v => v is not null).Select(v => v!.Value), x.ToArray());
        }
    }

    [Fact]
    public void Many_tensors_load_together_or_not_at_all()
    {
        string path = _folder.File("m.safetensors");
        using Tensor a = Tensor.From<float>(_device, [1, 2], [2]);
        using Tensor b = Tensor.From<float>(_device, [3], [1]);
        using Tensor x = Tensor.Zeros(_device, [2]);
        using Tensor y = Tensor.Zeros(_device, [1]);
        using Tensor wrong = Tensor.Zeros(_device, [1, 1]);
        SafeTensors.Save(path, [("a", a), ("b", b)]);
        using SafeTensors file = SafeTensors.Open(path);
        Throws($"{path}: the file lacks c.", () => file.Load([("a", x), ("b", y), ("c", y)]));
        Throws($"{path}: the file has unexpected b.", () => file.Load([("a", x)]));
        Throws($"{path}: b is F32 (1,), expected shape (1, 1).", () => file.Load([("a", x), ("b", wrong)]));
        Assert.Equal([0f, 0f], x.ToArray());
        file.Load([("a", x), ("b", y)]);
        Assert.Equal([1f, 2f], x.ToArray());
        Assert.Equal([3f], y.ToArray());
        file.Load([("b", y)], exact: false);
    }

    [Fact]
    public void Mistakes_name_file_tensor_expected_and_found()
    {
        string path = _folder.File("e.safetensors");
        RawFile raw = new();
        raw.Add("w", "F32", [2, 3], new byte[24]);
        raw.Add("big", "I64", [2], BitConverter.GetBytes(1L).Concat(BitConverter.GetBytes(1L << 31)));
        raw.Add("f8", "F8_E4M3", [1], new byte[1]);
        raw.Add("deep", "U8", [1, 1, 1, 1, 1, 1, 1, 1, 1], new byte[1]);
        raw.Save(path);
        using SafeTensors file = SafeTensors.Open(path);
        using Tensor target = Tensor.Zeros(_device, [3, 2]);
        using Tensor ints = Tensor.Zeros(_device, [2, 3], DType.Int32);
        using Tensor square = Tensor.Zeros(_device, [3, 2]);
        using Tensor view = square.Transpose(0, 1);
        long live = _device.Memory.LiveBytes;
        Throws($"{path}: there is no tensor named v.", () => file.Read("v"));
        Throws($"{path}: w is F32 (2, 3), expected shape (3, 2).", () => file.Load("w", target));
        Throws($"{path}: w is F32 (2, 3), which does not convert to int32.", () => file.Load("w", ints));
        Throws($"{path}: w cannot be loaded into a strided view; load it into its whole tensor.", () => file.Load("w", view));
        Throws($"{path}: element 1 of big, I64 (2,), is beyond int32.", () => file.ReadTensor("big", _device));
        Throws($"{path}: big is I64 (2,), which does not convert to float32.", () => file.ReadTensor("big", _device, DType.Float32));
        Throws($"{path}: f8 is F8_E4M3 (1,), which does not convert to float32.", () => file.ReadTensor("f8", _device));
        Throws(
            $"{path}: deep is U8 (1, 1, 1, 1, 1, 1, 1, 1, 1); tensors have at most 8 axes, each at most 2147483647.",
            () => file.ReadTensor("deep", _device));
        Assert.Equal(live, _device.Memory.LiveBytes);
    }

    [Fact]
    public void Names_that_a_file_cannot_hold_are_refused()
    {
        string path = _folder.File("n.safetensors");
        using Tensor x = Tensor.Zeros(_device, [1]);
        Throws($"{path}: the name a is given to two tensors.", () => SafeTensors.Save(path, [("a", x), ("a", x)]));
        Throws($"{path}: the name __metadata__ is reserved by the format.", () => SafeTensors.Save(path, [("__metadata__", x)]));
        foreach (string half in new[] { "a\uD800", "\uDC00", "\uFFFD\uD800" })
        {
            string fault = $"{path}: a name or metadata text has half a surrogate pair at place {half.Length - 1}, which UTF-8 cannot hold.";
            Throws(fault, () => SafeTensors.Save(path, [(half, x)]));
            Throws(fault, () => SafeTensors.Save(path, [], new Dictionary<string, string> { ["k"] = half }));
        }

        Assert.Empty(_folder.Names);
    }

    private static void Throws(string message, Func<object> action) =>
        Assert.Equal(message, Assert.Throws<EngineException>(action).Message);

    private static void Throws(string message, Action action) =>
        Assert.Equal(message, Assert.Throws<EngineException>(action).Message);

    private static Arbitrary<Contents> Arbitrary()
    {
        Gen<string> text = ArbMap.Default.GeneratorFor<string>()
            .Select(s => new string([.. (s ?? string.Empty).Where(c => !char.IsSurrogate(c))]))
            .SelectMany(s => Gen.Elements(string.Empty, "\"", "\\", "\n", "\0", "é", "\U0001F600", "\uFFFD", "/.").Select(extra => s + extra));
        Gen<Shape> shape = Gen.Choose(0, 8).SelectMany(rank => Gen.ArrayOf(Gen.Choose(0, 3), rank)).Select(dims => Shape.Create(dims));
        Gen<Spec> spec = text.SelectMany(name => shape.SelectMany(s =>
            Gen.Elements(DType.Float32, DType.BFloat16, DType.Float16, DType.Int32).Select(dtype => new Spec(name, s, dtype))));
        Gen<Contents> contents = Gen.ListOf(spec).SelectMany(specs => Gen.ListOf(text).Select(meta => new Contents(
            [.. specs.DistinctBy(s => s.Name)],
            meta.Distinct(StringComparer.Ordinal).ToDictionary(k => k, v => v + "!"))));
        return contents.ToArbitrary();
    }

    private sealed record Contents(Spec[] Tensors, Dictionary<string, string> Metadata);

    private sealed record Spec(string Name, Shape Shape, DType DType)
    {
        public Tensor Make(Device device)
        {
            RandomStream random = new((ulong)Name.Length, stream: 0);
            int[] values = new int[Shape.Count];
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = (int)random.NextInt(200) - 100;
            }

            Tensor ints = Tensor.From<int>(device, values, Shape);
            Tensor x = ints.To(DType);
            if (!x.Equals(ints))
            {
                ints.Dispose();
            }

            return x;
        }
    }
}
