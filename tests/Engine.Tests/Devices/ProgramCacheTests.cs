using Xunit;

namespace Engine.Tests.Devices;

/// <summary>A cached program comes back as it was written or not at all.</summary>
public sealed class ProgramCacheTests : IDisposable
{
    private static readonly byte[] Program = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)];
    private static readonly ProgramKey Key = ProgramKey.Of("text", "device", "1.0", "-O");
    private readonly string _folder = Directory.CreateTempSubdirectory("engine-cache-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_key_depends_on_every_part_and_on_where_they_end()
    {
        string[][] parts = [["ab", "c"], ["a", "bc"], ["abc"], ["c", "ab"], ["ab", "c", ""]];
        Assert.Equal(parts.Length, parts.Select(p => ProgramKey.Of(p)).Distinct().Count());
        Assert.Equal(Key, ProgramKey.Of("text", "device", "1.0", "-O"));
    }

    [Fact]
    public void A_program_comes_back()
    {
        ProgramCache cache = new(Path.Combine(_folder, "deep", "folder"));
        Assert.Null(cache.Load(Key));
        cache.Store(Key, "Kernel [opencl]", Program);
        Assert.Equal(Program, new ProgramCache(cache.Folder).Load(Key));
        Assert.Null(cache.Load(ProgramKey.Of("other")));
        Assert.Null(cache.Problem);
    }

    [Fact]
    public void A_flipped_bit_anywhere_discards_the_file()
    {
        ProgramCache cache = new(_folder);
        cache.Store(Key, "Kernel", Program);
        string path = Assert.Single(Directory.GetFiles(_folder));
        byte[] good = File.ReadAllBytes(path);
        for (int at = 0; at < good.Length; at += at < 120 ? 1 : 97)
        {
            byte[] bad = [.. good];
            bad[at] ^= 0x10;
            File.WriteAllBytes(path, bad);
            Assert.Null(cache.Load(Key));
            Assert.False(File.Exists(path), $"byte {at} flipped: the file is still there");
        }

        File.WriteAllBytes(path, good);
        Assert.Equal(Program, cache.Load(Key));
        Assert.Contains("damaged", cache.Problem);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(80)]
    [InlineData(500)]
    [InlineData(-1)]
    public void A_truncated_file_is_discarded(int length)
    {
        ProgramCache cache = new(_folder);
        cache.Store(Key, "Kernel", Program);
        string path = Assert.Single(Directory.GetFiles(_folder));
        byte[] good = File.ReadAllBytes(path);
        File.WriteAllBytes(path, length >= 0 ? good[..length] : [.. good, 0]);
        Assert.Null(cache.Load(Key));
        Assert.False(File.Exists(path));
        cache.Store(Key, "Kernel", Program);
        Assert.Equal(Program, cache.Load(Key));
    }

    [Fact]
    public void A_file_under_another_programs_name_is_refused()
    {
        ProgramCache cache = new(_folder);
        cache.Store(Key, "Kernel", Program);
        ProgramKey other = ProgramKey.Of("other");
        File.Move(Assert.Single(Directory.GetFiles(_folder)), Path.Combine(_folder, other.Hash + ".program"));
        Assert.Null(cache.Load(other));
    }

    [Fact]
    public void The_list_names_kernels_and_damaged_files_and_clearing_frees_them()
    {
        ProgramCache cache = new(_folder);
        Assert.Empty(cache.List());
        cache.Store(Key, "Softmax [opencl]", Program);
        File.WriteAllText(Path.Combine(_folder, "broken.program"), "no program");
        File.WriteAllText(Path.Combine(_folder, "x.program.1.2.writing"), "killed");
        File.WriteAllText(Path.Combine(_folder, "mine.txt"), "not ours");
        Assert.Equal([null, "Softmax [opencl]"], cache.List().Select(p => p.Label).Order());
        Assert.True(cache.Clear() > Program.Length);
        Assert.Equal("mine.txt", Path.GetFileName(Assert.Single(Directory.GetFiles(_folder))));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_a_problem_and_no_error()
    {
        string file = Path.Combine(_folder, "file");
        File.WriteAllText(file, string.Empty);
        ProgramCache cache = new(Path.Combine(file, "below"));
        cache.Store(Key, "Kernel", Program);
        Assert.Null(cache.Load(Key));
        Assert.Contains("cannot be written", cache.Problem);
    }

    [Fact]
    public async Task Writers_and_readers_of_one_program_never_see_half_of_it()
    {
        ProgramCache[] caches = [.. Enumerable.Range(0, 4).Select(_ => new ProgramCache(_folder))];
        byte[] large = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 7))];
        caches[0].Store(Key, "Kernel", large);
        await Task.WhenAll(caches.Select((cache, who) => Task.Factory.StartNew(
            () =>
            {
                for (int i = 0; i < 50; i++)
                {
                    if (who % 2 == 0)
                    {
                        cache.Store(Key, "Kernel", large);
                    }
                    else
                    {
                        Assert.Equal(large, cache.Load(Key));
                    }
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));
        Assert.All(caches, cache => Assert.Null(cache.Problem));
    }
}
