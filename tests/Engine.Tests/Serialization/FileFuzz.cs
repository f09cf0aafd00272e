using Engine.Serialization;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Tests.Serialization;

/// <summary>Broken forms of a valid file: whatever is done to it, it opens or an <see cref="EngineException"/> says why not, within memory near the file's size.</summary>
internal static class FileFuzz
{
    /// <summary>Every truncation (of a long file, some), thousands of changed bytes, and pieces put elsewhere.</summary>
    public static void Run(byte[] valid, Func<string, WeightFile> open)
    {
        using TemporaryFolder folder = new();
        string path = folder.File("fuzz");
        Assert.True(Survives(path, valid, open), "the file itself must open");
        for (int length = 0; length < valid.Length; length += 1 + (valid.Length / 1000))
        {
            _ = Survives(path, valid[..length], open);
        }

        Gen<(int At, byte Value)> change = Gen.Choose(0, valid.Length - 1).Zip(Gen.Elements(byte.MinValue, (byte)1, (byte)127, (byte)128, byte.MaxValue, (byte)'.', (byte)'R'), (at, value) => (at, value));
        Prop.ForAll(Gen.NonEmptyListOf(change).ToArbitrary(), changes =>
        {
            byte[] bytes = [.. valid];
            foreach ((int at, byte value) in changes)
            {
                bytes[at] = value;
            }

            _ = Survives(path, bytes, open);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
        Prop.ForAll(Gen.Choose(0, valid.Length).Three().ToArbitrary(), cut =>
        {
            int[] at = [.. new[] { cut.Item1, cut.Item2, cut.Item3 }.Order()];
            _ = Survives(path, [.. valid[..at[0]], .. valid[at[1]..at[2]], .. valid[at[0]..at[1]], .. valid[at[2]..]], open);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));
    }

    /// <summary>Whether it opens and reads.</summary>
    public static bool Survives(string path, byte[] bytes, Func<string, WeightFile> open)
    {
        File.WriteAllBytes(path, bytes);
        using CpuDevice device = new(threads: 1);
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool opened = true;
        try
        {
            using WeightFile file = open(path);
            foreach (WeightEntry entry in file.Entries.Values)
            {
                Assert.InRange(entry.End - entry.Start, 0, bytes.Length * 1100L);
                using Tensor tensor = file.ReadTensor(entry.Name, device);
            }
        }
        catch (EngineException e)
        {
            Assert.StartsWith(path, e.Message, StringComparison.Ordinal);
            opened = false;
        }

        // The pieces that data passes through are a constant of a few megabytes; what Python objects become is a multiple of their bytes.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (8L << 20) + (200L * bytes.Length));
        Assert.Equal(0, device.Memory.LiveBytes);
        return opened;
    }
}
