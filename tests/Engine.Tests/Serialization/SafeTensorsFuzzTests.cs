using System.Text;
using Engine.Serialization;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Tests.Serialization;

/// <summary>Hostile files: nothing but <see cref="EngineException"/> comes out, and memory stays near the size of the file.</summary>
public sealed class SafeTensorsFuzzTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CpuDevice _device = new(threads: 1);

    public void Dispose()
    {
        _device.Dispose();
        _folder.Dispose();
    }

    public static TheoryData<string, string> BadHeaders => new()
    {
        { "", "its header cannot be read" },
        { "[]", "the header is not an object" },
        { "{", "its header cannot be read" },
        { "{}x", "its header cannot be read" },
        { "{}{}", "its header cannot be read" },
        { """{"a":1}""", "a is not an object" },
        { """{"a":{}}""", "a lacks its dtype, shape or two data_offsets" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""", "a lacks its dtype, shape or two data_offsets" },
        { """{"a":{"dtype":1}}""", "the dtype of a is not a string" },
        { """{"a":{"dtype":"F32","shape":4}}""", "the shape of a is not a list" },
        { """{"a":{"dtype":"F32","shape":[1.5]}}""", "the shape of a is not a list of at most 64 whole numbers of at least 0" },
        { """{"a":{"dtype":"F32","shape":[-1]}}""", "the shape of a is not a list of at most 64 whole numbers of at least 0" },
        { """{"a":{"dtype":"F32","shape":[99999999999999999999]}}""", "the shape of a is not a list of at most 64 whole numbers of at least 0" },
        { """{"a":{"dtype":"F32","shape":[[1]]}}""", "the shape of a is not a list of at most 64 whole numbers of at least 0" },
        { """{"a":{"dtype":"F32","shape":[1],"shape":[1]}}""", "a has shape, which is unknown or comes twice" },
        { """{"a":{"dtype":"F32","other":[1]}}""", "a has other, which is unknown or comes twice" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}""", "the data_offsets of a is not a list of at most 2 whole numbers of at least 0" },
        { """{"__metadata__":[]}""", "__metadata__ is not an object" },
        { """{"__metadata__":{"a":1}}""", "__metadata__ a is not a string" },
        { """{"__metadata__":{"a":"1","a":"2"}}""", "its __metadata__ has a twice" },
        { """{"a\ud800":{}}""", "its header cannot be read" },
        { "{" + RawFile.Entry("a", "F99", [1], 0, 4) + "}", "a, F99 (1,), does not fit its bytes 0 to 4" },
        { "{" + RawFile.Entry("a", "F32", [3], 0, 8) + "}", "a, F32 (3,), does not fit its bytes 0 to 8" },
        { "{" + RawFile.Entry("a", "F32", [2], 8, 0) + "}", "a, F32 (2,), does not fit its bytes 8 to 0" },
        { "{" + RawFile.Entry("a", "F32", [long.MaxValue, long.MaxValue, long.MaxValue], 0, 8) + "}", "does not fit its bytes 0 to 8" },
        { "{" + RawFile.Entry("a", "U8", [long.MaxValue], 0, long.MaxValue) + "}", "the data of a is not inside the file: it ends at byte 9223372036854775807 of 8" },
        { "{" + RawFile.Entry("a", "F32", [1], 0, 4) + "," + RawFile.Entry("a", "F32", [1], 4, 8) + "}", "it has two tensors named a" },
        { "{" + RawFile.Entry("a", "F32", [2], 0, 8) + "," + RawFile.Entry("b", "F32", [1], 4, 8) + "}", "the data of b starts at byte 4, expected 8, where the data before it ends" },
        { "{" + RawFile.Entry("a", "F32", [1], 0, 4) + "," + RawFile.Entry("b", "U8", [1], 5, 6) + "}", "the data of b starts at byte 5, expected 4, where the data before it ends" },
        { "{" + RawFile.Entry("a", "F32", [1], 0, 4) + "}", "its tensors end at byte 4 of the data, but the file has 8" },
        { "{" + RawFile.Entry("a", "F32", [4], 0, 16) + "}", "the data of a is not inside the file: it ends at byte 16 of 8" },
    };

    [Theory]
    [MemberData(nameof(BadHeaders))]
    public void A_bad_header_is_refused_with_its_fault(string header, string fault)
    {
        string path = _folder.File("bad.safetensors");
        File.WriteAllBytes(path, RawFile.Bytes(header, new byte[8]));
        EngineException e = Assert.Throws<EngineException>(() => SafeTensors.Open(path));
        Assert.StartsWith($"{path}: not a valid safetensors file: ", e.Message, StringComparison.Ordinal);
        Assert.Contains(fault, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Deep_JSON_is_refused()
    {
        string deep = string.Concat(Enumerable.Repeat("{\"a\":", 100_000));
        Assert.False(Survives(RawFile.Bytes(deep, [])));
        Assert.False(Survives(RawFile.Bytes("{\"a\":{\"dtype\":\"F32\",\"shape\":" + new string('[', 100_000), [])));
    }

    [Fact]
    public void A_shape_of_a_million_axes_is_refused() =>
        Assert.False(Survives(RawFile.Bytes("{" + RawFile.Entry("a", "U8", [.. Enumerable.Repeat(1L, 1_000_000)], 0, 1) + "}", new byte[1])));

    [Theory]
    [InlineData(0UL)]
    [InlineData(9UL)]
    [InlineData(100_000_001UL)]
    [InlineData(1UL << 63)]
    [InlineData(ulong.MaxValue)]
    public void A_header_length_that_the_file_does_not_have_is_refused(ulong length) =>
        Assert.False(Survives([.. BitConverter.GetBytes(length), (byte)'{', (byte)'}', 32, 32, 32, 32, 32, 32]));

    [Fact]
    public void A_missing_file_and_a_folder_are_named()
    {
        foreach (string path in new[] { _folder.File("none"), Path.GetDirectoryName(_folder.File("x"))! })
        {
            EngineException e = Assert.Throws<EngineException>(() => SafeTensors.Open(path));
            Assert.StartsWith($"{path}: cannot be opened: ", e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_file_that_shrinks_while_open_is_refused()
    {
        string path = _folder.File("shrinks.safetensors");
        File.WriteAllBytes(path, Valid());
        using SafeTensors file = SafeTensors.Open(path);
        using (FileStream other = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            other.SetLength(other.Length - 1);
        }

        string last = file.Entries.Values.MaxBy(e => e.End)!.Name;
        Assert.Throws<EngineException>(() => file.Read(last));
        Assert.Throws<EngineException>(() => file.ReadTensor(last, _device));
        Assert.Equal(0, _device.Memory.LiveBytes);
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        byte[] valid = Valid();
        Assert.True(Survives(valid));
        for (int length = 0; length < valid.Length; length++)
        {
            Assert.False(Survives(valid[..length]));
        }
    }

    [Fact]
    public void Flipped_bits_never_do_harm() =>
        Prop.ForAll(
            Gen.NonEmptyListOf(Gen.Choose(0, (Valid().Length * 8) - 1)).ToArbitrary(),
            bits =>
            {
                byte[] bytes = Valid();
                foreach (int bit in bits)
                {
                    bytes[bit / 8] ^= (byte)(1 << (bit % 8));
                }

                _ = Survives(bytes);
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void Random_headers_never_do_harm()
    {
        Gen<string> piece = Gen.Elements(
            "{", "}", "[", "]", ":", ",", "\"a\"", "\"b\"", "\"dtype\"", "\"shape\"", "\"data_offsets\"", "\"__metadata__\"", "\"F32\"", "\"U8\"",
            "0", "4", "8", "-1", "1e9", "9223372036854775807", "null", "true", " ", "\"\\ud800\"", "\"dtype\":\"F32\"", "\"shape\":[", "\"data_offsets\":[0,4]", "\"a\":{");
        Prop.ForAll(
            Gen.ListOf(piece).ToArbitrary(),
            pieces =>
            {
                _ = Survives(RawFile.Bytes(string.Concat(pieces), new byte[8]));
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
        Prop.ForAll(
            ArbMap.Default.ArbFor<byte[]>(),
            bytes =>
            {
                _ = Survives(bytes);
                _ = Survives(RawFile.Bytes(bytes, [1, 2, 3]));
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    // Whether a file opens and reads; anything thrown but EngineException fails the test, and so does memory beyond the file's.
    private bool Survives(byte[] bytes)
    {
        string path = _folder.File("fuzz.safetensors");
        File.WriteAllBytes(path, bytes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool opened = true;
        try
        {
            using SafeTensors file = SafeTensors.Open(path);
            foreach (string name in file.Entries.Keys)
            {
                Assert.Equal(file.Entries[name].End - file.Entries[name].Start, file.Read(name).Length);
                ReadTensor(file, name);
            }
        }
        catch (EngineException)
        {
            opened = false;
        }

        // The pieces that data passes through are a constant of a few megabytes.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (8L << 20) + (16L * bytes.Length));
        Assert.Equal(0, _device.Memory.LiveBytes);
        return opened;
    }

    private void ReadTensor(SafeTensors file, string name)
    {
        try
        {
            file.ReadTensor(name, _device).Dispose();
        }
        catch (EngineException)
        {
            // A flipped bit may have made a type that tensors do not hold.
            Assert.NotNull(name);
        }
    }

    private static byte[] Valid()
    {
        string header = "{\"__metadata__\":{\"k\":\"v\"}," + string.Join(
            ',',
            RawFile.Entry("weight", "F32", [2, 3], 0, 24),
            RawFile.Entry("bias", "I64", [1], 24, 32),
            RawFile.Entry("scalar", "F16", [], 32, 34),
            RawFile.Entry("empty", "BF16", [0, 5], 34, 34),
            RawFile.Entry("mask", "BOOL", [6], 34, 40)) + "}";
        byte[] data = new byte[40];
        Encoding.ASCII.GetBytes("forty bytes of data").CopyTo(data, 0);
        return RawFile.Bytes(header, data);
    }
}
