using Engine.Serialization;
using Xunit;

namespace Engine.Tests.Serialization;

public sealed class AtomicFileTests
{
    [Fact]
    public void Writes_and_replaces_leaving_no_temporary_file()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("a.bin");
        AtomicFile.Write(path, s => s.Write([1, 2, 3]));
        AtomicFile.Write(path, s => s.Write([4]));
        Assert.Equal([4], File.ReadAllBytes(path));
        Assert.Equal(["a.bin"], folder.Names);
    }

    [Fact]
    public void A_failed_write_keeps_the_old_file_and_passes_the_error_on()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("a.bin");
        AtomicFile.Write(path, s => s.Write([1]));
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, s =>
        {
            s.Write([2, 3]);
            throw new InvalidOperationException("stop");
        }));
        Assert.Equal([1], File.ReadAllBytes(path));
        Assert.Equal(["a.bin"], folder.Names);
    }

    [Fact]
    public void A_temporary_file_of_a_killed_run_is_overwritten()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("a.bin");
        File.WriteAllBytes(path + ".tmp", new byte[100]);
        AtomicFile.Write(path, s => s.Write([7]));
        Assert.Equal([7], File.ReadAllBytes(path));
        Assert.Equal(["a.bin"], folder.Names);
    }

    [Fact]
    public void A_missing_folder_is_named()
    {
        using TemporaryFolder folder = new();
        string path = folder.File(Path.Combine("none", "a.bin"));
        EngineException e = Assert.Throws<EngineException>(() => AtomicFile.Write(path, _ => { }));
        Assert.StartsWith($"{path}: cannot be written: ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_writer_of_the_same_file_is_refused_and_harms_nothing()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("a.bin");
        AtomicFile.Write(path, s =>
        {
            s.Write([1]);
            Assert.Throws<EngineException>(() => AtomicFile.Write(path, t => t.Write([2])));
        });
        Assert.Equal([1], File.ReadAllBytes(path));
        Assert.Equal(["a.bin"], folder.Names);
    }
}
