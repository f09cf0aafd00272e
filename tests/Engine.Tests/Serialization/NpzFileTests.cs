using System.IO.Compression;
using System.Text;
using Engine.Serialization;
using Engine.Testing;
using Xunit;

namespace Engine.Tests.Serialization;

/// <summary>NumPy's files, as NumPy wrote them, against the same arrays in safetensors; written ones; broken ones.</summary>
public sealed class NpzFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CpuDevice _device = new(threads: 1);

    private static string Folder => Fixture.WeightsFolder("numpy");

    public void Dispose()
    {
        _device.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("stored.npz", 8)]
    [InlineData("deflated.npz", 8)]
    [InlineData("w.npy", 1)]
    public void Every_array_is_bit_for_bit_that_of_the_twin(string name, int count)
    {
        using NpzFile file = NpzFile.Open(Path.Combine(Folder, name));
        using SafeTensors expected = SafeTensors.Open(Path.Combine(Folder, "expected.safetensors"));
        Assert.Equal(count, file.Entries.Count);
        foreach (WeightEntry entry in file.Entries.Values.Reverse())
        {
            WeightEntry twin = expected.Entries[entry.Name];
            Assert.Equal((twin.DType, string.Join(',', twin.Shape)), (entry.DType, string.Join(',', entry.Shape)));
            Assert.Equal(expected.Read(entry.Name), file.Read(entry.Name));
            Assert.Equal(expected.Read(entry.Name), file.Read(entry.Name));
        }
    }

    [Fact]
    public void What_is_written_is_read_and_the_same_again()
    {
        using Tensor a = Tensor.Empty(_device, [2, 3]);
        a.Load<float>([1, 2, 3, 4, 5, 6]);
        using Tensor b = Tensor.Empty(_device, [5], DType.Int32);
        b.Load<int>([1, 2, 3, 4, 5]);
        using Tensor c = Tensor.Empty(_device, [1], DType.BFloat16);
        string path = _folder.File("x.npz");
        NpzFile.Save(path, [("layer.0.weight", a), ("n", b)]);
        byte[] first = File.ReadAllBytes(path);
        NpzFile.Save(path, [("layer.0.weight", a), ("n", b)]);
        Assert.Equal(first, File.ReadAllBytes(path));
        using NpzFile file = NpzFile.Open(path);
        using Tensor read = file.ReadTensor("layer.0.weight", _device);
        Assert.Equal(a.Shape, read.Shape);
        Assert.Equal(a.ToArray(), read.ToArray());
        using Tensor ints = file.ReadTensor("n", _device);
        int[] values = new int[5];
        ints.CopyTo<int>(values);
        Assert.Equal([1, 2, 3, 4, 5], values);
        Assert.Contains("c (1,) is bfloat16", Assert.Throws<EngineException>(() => NpzFile.Save(path, [("c", c)])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("stored.npz")]
    [InlineData("deflated.npz")]
    [InlineData("w.npy")]
    public void Broken_files_do_no_harm(string name) => FileFuzz.Run(File.ReadAllBytes(Path.Combine(Folder, name)), NpzFile.Open);

    [Theory]
    [InlineData("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }", "little-endian numbers in C order are read")]
    [InlineData("{'descr': '<f4', 'fortran_order': True, 'shape': (1,), }", "little-endian numbers in C order are read")]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", "little-endian numbers in C order are read")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 8), }", "larger than any file")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "a, F32 (2,), needs 8 bytes, but 4 follow its head")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", "little-endian numbers in C order are read")]
    [InlineData("__import__('os').system('true')", "little-endian numbers in C order are read")]
    public void An_array_that_is_not_read_is_named(string head, string fault)
    {
        string path = _folder.File("a.npy");
        File.WriteAllBytes(path, [0x93, .. "NUMPY"u8, 1, 0, .. BitConverter.GetBytes((ushort)head.Length), .. Encoding.ASCII.GetBytes(head), 0, 0, 0, 0]);
        EngineException e = Assert.Throws<EngineException>(() => NpzFile.Open(path));
        Assert.StartsWith($"{path}: not a valid NumPy file: ", e.Message, StringComparison.Ordinal);
        Assert.Contains(fault, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_archive_of_something_else_is_named()
    {
        string path = _folder.File("x.npz");
        using (ZipArchive zip = ZipFile.Open(path, ZipArchiveMode.Create))
        {
            using Stream stream = zip.CreateEntry("readme.txt").Open();
            stream.Write("hello"u8);
        }

        Assert.Contains("readme.txt is no .npy array", Assert.Throws<EngineException>(() => NpzFile.Open(path)).Message, StringComparison.Ordinal);
    }
}
