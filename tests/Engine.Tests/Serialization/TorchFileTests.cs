using System.IO.Compression;
using System.Text;
using Engine.Serialization;
using Engine.Testing;
using Xunit;

namespace Engine.Tests.Serialization;

/// <summary>PyTorch's files, as PyTorch wrote them, against the same tensors in safetensors; and pickles that mean harm.</summary>
public sealed class TorchFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static string Folder => Fixture.WeightsFolder("torch");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("zip.pt")]
    [InlineData("legacy.pt")]
    public void Every_tensor_is_bit_for_bit_that_of_the_twin(string name) => AssertEqual(Path.Combine(Folder, name), Path.Combine(Folder, "expected.safetensors"));

    /// <summary>A checkpoint from the world (ResNet-20 on CIFAR-10, legacy pickle), where <c>ENGINE_RESNET20_DIR</c> says.</summary>
    [Fact]
    public void A_published_checkpoint_equals_its_twin()
    {
        if (Environment.GetEnvironmentVariable("ENGINE_RESNET20_DIR") is not { Length: > 0 } folder)
        {
            Requirement.Missing("resnet20", "ENGINE_RESNET20_DIR is not set; it names the folder with resnet20-12fca82f.th and resnet20.safetensors");
            return;
        }

        AssertEqual(Directory.GetFiles(folder, "*.th").Single(), Directory.GetFiles(folder, "*.safetensors").Single());
    }

    [Theory]
    [InlineData("zip.pt")]
    [InlineData("legacy.pt")]
    public void Broken_files_do_no_harm(string name) => FileFuzz.Run(File.ReadAllBytes(Path.Combine(Folder, name)), TorchFile.Open);

    [Theory]
    [InlineData("cos\nsystem\n(U\u0004echotR.", "byte 13: the pickle asks for os.system, which no file of tensors needs; nothing of it was run")]
    [InlineData("cbuiltins\neval\n)R.", "asks for builtins.eval")]
    [InlineData("ctorch\nload\n)R.", "asks for torch.load")]
    [InlineData("\u008c\u0002os\u008c\u0006system\u0093.", "asks for os.system")]
    [InlineData("ctorch._utils\n_rebuild_tensor_v2\n)R.", "is called with arguments that it does not take")]
    [InlineData("]q\0h\0a.", "it holds no tensors")] // a list that contains itself
    [InlineData("}q\0U\u0001ah\0s.", "it holds no tensors")] // a dictionary that does
    [InlineData("i.", "opcode 0x69 is not among those that are read here")]
    [InlineData("X\u00ff\u00ff\u00ff\u007fab.", "the length of a text is 2147483647, but only")]
    [InlineData("h\u0007.", "memo 7 is empty")]
    [InlineData("t.", "a mark is missing")]
    [InlineData("a.", "the stack is empty")]
    [InlineData(".", "the stack is empty")]
    [InlineData("(U\u0007storagectorch\nFloatStorage\nX\u0001\0\0\00U\u0003cpuJ\u00ff\u00ff\u00ff\u00fftQ.", "a persistent id is not")]
    public void A_pickle_that_is_not_of_tensors_is_refused(string pickle, string fault) => AssertRefused([.. "\u0080\u0002".Concat(pickle).Select(c => (byte)c)], fault);

    [Theory]
    [InlineData(0, 2, 3, 3, 1, null)]
    [InlineData(1, 2, 3, 3, 1, "is not inside storage 0 of 6 elements")]
    [InlineData(-1, 2, 3, 3, 1, "are not whole numbers of at least 0")]
    [InlineData(0, -2, 3, 3, 1, "are not whole numbers of at least 0")]
    [InlineData(0, 2, 3, -3, 1, "are not whole numbers of at least 0")]
    [InlineData(0, 1_000_000_000, 1_000_000_000, 0, 0, "is not inside storage 0 of 6 elements")]
    [InlineData(0, 2_000_000_000, 2_000_000_000, 2_000_000_000, 2_000_000_000, "is not inside storage 0 of 6 elements")]
    public void A_tensor_lies_in_its_storage(int offset, int rows, int columns, int rowStride, int columnStride, string? fault)
    {
        List<byte> pickle = [.. "\u0080\u0002}U\u0001wctorch._utils\n_rebuild_tensor_v2\n((X\u0007\0\0\0storagectorch\nFloatStorage\nX\u0001\0\0\00X\u0003\0\0\0cpuK\u0006tQ".Select(c => (byte)c)];
        Number(offset);
        Pair(rows, columns);
        Pair(rowStride, columnStride);
        pickle.AddRange("\u0089NtRs.".Select(c => (byte)c));
        pickle[pickle.IndexOf((byte)'U')] = (byte)'X';
        pickle.InsertRange(pickle.IndexOf((byte)'w') - 0, [0, 0, 0]);
        if (fault is null)
        {
            using TorchFile file = TorchFile.Open(Archive([.. pickle]));
            Assert.Equal([2L, 3L], file.Entries["w"].Shape);
            return;
        }

        AssertRefused([.. pickle], fault);

        void Pair(int a, int b)
        {
            Number(a);
            Number(b);
            pickle.Add(0x86);
        }

        void Number(int value) => pickle.AddRange([(byte)'J', .. BitConverter.GetBytes(value)]);
    }

    [Fact]
    public void Nesting_as_deep_as_the_file_and_shared_lists_are_walked_once()
    {
        AssertRefused([0x80, 2, .. Enumerable.Repeat((byte)']', 50_000), .. Enumerable.Repeat((byte)'a', 49_999), (byte)'.'], "it holds no tensors");
        List<byte> doubled = [0x80, 2, (byte)']', (byte)'q', 0];
        for (int i = 0; i < 100; i++)
        {
            doubled.AddRange([(byte)'h', 0, (byte)'h', 0, 0x86, (byte)'q', 0]);
        }

        AssertRefused([.. doubled, (byte)'.'], "it holds no tensors");
    }

    private static void AssertEqual(string path, string twin)
    {
        using TorchFile file = TorchFile.Open(path);
        using SafeTensors expected = SafeTensors.Open(twin);
        Assert.Equal(expected.Entries.Keys.Order(StringComparer.Ordinal), file.Entries.Keys.Order(StringComparer.Ordinal));
        foreach (WeightEntry entry in expected.Entries.Values)
        {
            Assert.Equal((entry.DType, string.Join(',', entry.Shape)), (file.Entries[entry.Name].DType, string.Join(',', file.Entries[entry.Name].Shape)));
            Assert.Equal(expected.Read(entry.Name), file.Read(entry.Name));
        }
    }

    private void AssertRefused(byte[] pickle, string fault)
    {
        EngineException e = Assert.Throws<EngineException>(() => TorchFile.Open(Archive(pickle)));
        Assert.Contains("not a valid PyTorch file: ", e.Message, StringComparison.Ordinal);
        Assert.Contains(fault.StartsWith("byte", StringComparison.Ordinal) ? fault[fault.IndexOf(':', StringComparison.Ordinal)..] : fault, e.Message, StringComparison.Ordinal);
    }

    private string Archive(byte[] pickle)
    {
        string path = _folder.File("made.pt");
        File.Delete(path);
        using ZipArchive zip = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach ((string name, byte[] bytes) in new[] { ("made/data.pkl", pickle), ("made/data/0", new byte[24]), ("made/version", Encoding.ASCII.GetBytes("3\n")) })
        {
            using Stream stream = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
            stream.Write(bytes);
        }

        return path;
    }
}
