using System.IO.Compression;

namespace Engine.Serialization;

/// <summary>
/// NumPy's .npz, a zip archive of .npy arrays, stored or deflated, or a single .npy. Deflated arrays are unpacked while they are read, front to
/// back, so nothing of their size is kept.
/// </summary>
public sealed class NpzFile : WeightFile
{
    private const string Extension = ".npy";

    // Deflate cannot pack better than this (RFC 1951: 258 bytes in two bits).
    private const long MostPacked = 1032;

    private static readonly DateTimeOffset s_epoch = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly BoundedFile _file;
    private readonly Dictionary<string, WeightEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ZipMember> _members = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private (string Name, Stream Stream, long At)? _open;

    private NpzFile(BoundedFile file)
        : base(file.Path)
    {
        _file = file;
        if (!ZipDirectory.IsZip(file))
        {
            Add(System.IO.Path.GetFileNameWithoutExtension(file.Path), new ZipMember(file.Path, 0, file.Length, file.Length, Deflated: false));
            return;
        }

        foreach (ZipMember member in ZipDirectory.Read(file).Values)
        {
            Add(member.Name.EndsWith(Extension, StringComparison.Ordinal) ? member.Name[..^Extension.Length] : throw new FormatException($"{member.Name} is no {Extension} array"), member);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, WeightEntry> Entries => _entries;

    /// <summary>Opens a file and reads the heads of its arrays.</summary>
    /// <exception cref="EngineException">The file is missing, damaged or has an array of a type that is not read; names file and array.</exception>
    public static NpzFile Open(string path) => BoundedFile.Open(path, "NumPy", file => new NpzFile(file));

    /// <summary>Writes tensors as an archive of stored arrays, whole or not at all. The same contents give the same bytes.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="tensors">Float32, float16 or int32 tensors with their names.</param>
    /// <exception cref="EngineException">A name comes twice, a type is one that NumPy lacks, or the file cannot be written.</exception>
    public static void Save(string path, IEnumerable<(string Name, Tensor Value)> tensors)
    {
        (string Name, Tensor Value)[] all = [.. tensors];
        foreach ((string name, Tensor value) in all)
        {
            if (value.DType is not (DType.Float32 or DType.Float16 or DType.Int32) || all.Count(t => t.Name == name) > 1)
            {
                throw new EngineException($"{path}: {name} {value.Shape} is {value.DType.Name()}, or its name comes twice; NumPy has float32, float16 and int32.");
            }
        }

        AtomicFile.Write(path, stream =>
        {
            using ZipArchive archive = new(stream, ZipArchiveMode.Create, leaveOpen: true);
            foreach ((string name, Tensor value) in all)
            {
                ZipArchiveEntry entry = archive.CreateEntry(name + Extension, CompressionLevel.NoCompression);
                entry.LastWriteTime = s_epoch;
                using Stream data = entry.Open();
                data.Write(NpyHeader.Write(value));
                Tensor flat = value.Contiguous();
                TensorTransfer.CopyTo(flat, data);
                if (!flat.Equals(value))
                {
                    flat.Dispose();
                }
            }
        });
    }

    /// <inheritdoc/>
    protected internal override void ReadAt(WeightEntry entry, long at, Span<byte> into)
    {
        ZipMember member = _members[entry.Name];
        if (!member.Deflated)
        {
            _file.ReadData(entry.Name, member.Start + entry.Start + at, into);
            return;
        }

        lock (_lock)
        {
            Unpack(entry, member, entry.Start + at, into);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _open?.Stream.Dispose();
        _file.Dispose();
    }

    private void Add(string name, ZipMember member)
    {
        if (member.Deflated && member.Size > MostPacked * (member.Packed + 1))
        {
            throw new FormatException($"{member.Name} claims {member.Size} bytes out of {member.Packed} deflated ones, more than deflating can save");
        }

        using Stream stream = ZipDirectory.Open(_file, member);
        WeightEntry entry;
        int head;
        try
        {
            entry = NpyHeader.Read(stream, name, out head);
        }
        catch (InvalidDataException e)
        {
            throw new FormatException($"{member.Name} cannot be unpacked ({e.Message})", e);
        }

        if (head + entry.Bytes != member.Size)
        {
            throw new FormatException($"{name}, {entry.Description}, needs {entry.Bytes} bytes, but {member.Size - head} follow its head");
        }

        _entries.Add(name, entry with { Start = head, End = member.Size });
        _members.Add(name, member);
    }

    // Goes on where the last read ended, or begins anew.
    private void Unpack(WeightEntry entry, ZipMember member, long at, Span<byte> into)
    {
        try
        {
            if (_open is not { } open || open.Name != entry.Name || open.At > at)
            {
                _open?.Stream.Dispose();
                open = (entry.Name, ZipDirectory.Open(_file, member), 0);
            }

            Span<byte> skipped = stackalloc byte[4096];
            while (open.At < at)
            {
                int count = (int)Math.Min(skipped.Length, at - open.At);
                open.Stream.ReadExactly(skipped[..count]);
                open.At += count;
            }

            open.Stream.ReadExactly(into);
            _open = open with { At = open.At + into.Length };
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            _open = null;
            throw new EngineException($"{Path}: {entry.Name} cannot be unpacked: {e.Message}", e);
        }
    }
}
