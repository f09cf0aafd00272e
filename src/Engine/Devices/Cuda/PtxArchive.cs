using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Engine;

/// <summary>
/// Programs compiled to PTX when the package was made, for machines with NVIDIA's driver but without NVRTC: the driver
/// compiles PTX itself, for any GPU of compute capability 8.0 or above. A program is found by the hash of its text, so one of
/// another version of a kernel is never taken for it. Brotli of: number of programs, then for each 32 bytes of hash, its
/// length, and the PTX with a zero at its end (int32, little endian).
/// </summary>
internal sealed class PtxArchive
{
    /// <summary>The architecture whose PTX an archive holds.</summary>
    public const int Capability = 80;

    private const string Resource = "Programs.ptx.br";
    private static readonly Lazy<PtxArchive> InPackage = new(OpenPackage);
    private readonly Dictionary<string, byte[]> _programs = [];

    private PtxArchive()
    {
    }

    /// <summary>The archive of this package; empty if it was built without one.</summary>
    public static PtxArchive Package => InPackage.Value;

    /// <summary>How many programs it has.</summary>
    public int Count => _programs.Count;

    /// <summary>Writes an archive.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="programs">The text and the PTX of each program.</param>
    public static void Write(Stream target, IReadOnlyCollection<(string Text, byte[] Ptx)> programs)
    {
        using BrotliStream stream = new(target, CompressionLevel.SmallestSize, leaveOpen: true);
        WriteNumber(stream, programs.Count);

        // Sorted, so that the same programs give the same file.
        foreach ((string text, byte[] ptx) in programs.OrderBy(p => p.Text, StringComparer.Ordinal))
        {
            stream.Write(Convert.FromHexString(HashOf(text)));
            WriteNumber(stream, ptx.Length);
            stream.Write(ptx);
        }
    }

    /// <summary>Reads an archive.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    /// <exception cref="EndOfStreamException">It is cut short.</exception>
    public static PtxArchive Read(Stream source)
    {
        using BrotliStream stream = new(source, CompressionMode.Decompress, leaveOpen: true);
        PtxArchive archive = new();
        byte[] hash = new byte[SHA256.HashSizeInBytes];
        for (int left = ReadNumber(stream); left > 0; left--)
        {
            stream.ReadExactly(hash);
            byte[] ptx = new byte[ReadNumber(stream)];
            stream.ReadExactly(ptx);
            archive._programs[Convert.ToHexStringLower(hash)] = ptx;
        }

        return archive;
    }

    /// <summary>The PTX of a program; null if it is not in the archive.</summary>
    public byte[]? Find(string text) => _programs.GetValueOrDefault(HashOf(text));

    private static string HashOf(string text) => ProgramKey.Of(text).Hash;

    private static PtxArchive OpenPackage()
    {
        using Stream? stream = typeof(PtxArchive).Assembly.GetManifestResourceStream(Resource);
        return stream is null ? new PtxArchive() : Read(stream);
    }

    private static void WriteNumber(Stream stream, int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        stream.Write(bytes);
    }

    private static int ReadNumber(Stream stream)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        stream.ReadExactly(bytes);
        return BinaryPrimitives.ReadInt32LittleEndian(bytes);
    }
}
