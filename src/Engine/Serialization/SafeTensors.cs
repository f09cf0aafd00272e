using System.Buffers.Binary;

namespace Engine.Serialization;

/// <summary>
/// A safetensors file: 8 bytes of little-endian header length, a JSON header of names, types, shapes and byte ranges, then
/// the raw little-endian data. Opening reads the header and checks it against the file; data is read on demand, from any
/// thread.
/// </summary>
public sealed class SafeTensors : WeightFile
{
    private readonly BoundedFile _file;
    private readonly long _dataStart;

    private SafeTensors(BoundedFile file, long dataStart, SafeTensorsHeader header)
        : base(file.Path)
    {
        _file = file;
        _dataStart = dataStart;
        Entries = header.Entries;
        Metadata = header.Metadata;
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, WeightEntry> Entries { get; }

    /// <summary>The free-form strings of the header's <c>__metadata__</c>.</summary>
    public override IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="EngineException">The file is missing, unreadable, truncated or not in this format; names file and fault.</exception>
    public static SafeTensors Open(string path) => BoundedFile.Open(path, "safetensors", Parse);

    /// <summary>
    /// Writes tensors as a file, whole or not at all (see <see cref="AtomicFile"/>). The same contents give the same bytes.
    /// </summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="tensors">
    /// Tensors with their names, each name once; strided ones are written row-major. An int8 matrix becomes two: NAME of I8 and NAME_scale of
    /// F32, which <see cref="WeightFile.Load(string, Tensor)"/> multiplies again.
    /// </param>
    /// <param name="metadata">Free-form strings for the header.</param>
    /// <exception cref="EngineException">A name is taken, reserved or not valid text, or the file cannot be written.</exception>
    public static void Save(string path, IEnumerable<(string Name, Tensor Value)> tensors, IReadOnlyDictionary<string, string>? metadata = null) =>
        AtomicFile.Write(path, new SafeTensorsWriter(path, tensors, metadata).Write);

    /// <summary>The bytes of one tensor where the system keeps them, without a copy; the caller disposes the map.</summary>
    /// <exception cref="EngineException">There is no such tensor, or it cannot be mapped; names file and tensor.</exception>
    public MappedTensor Map(string name) => Entries.TryGetValue(name, out WeightEntry? entry)
        ? new MappedTensor(Path, entry, _dataStart + entry.Start)
        : throw new EngineException($"{Path}: there is no tensor named {name}.");

    /// <inheritdoc/>
    protected internal override void ReadAt(WeightEntry entry, long at, Span<byte> into) => _file.ReadData(entry.Name, _dataStart + entry.Start + at, into);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _file.Dispose();

    private static SafeTensors Parse(BoundedFile file)
    {
        Span<byte> prefix = stackalloc byte[8];
        if (file.Length < prefix.Length)
        {
            throw new FormatException("it is shorter than 8 bytes");
        }

        file.Read(0, prefix);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > SafeTensorsHeader.MaxBytes || (long)length > file.Length - 8)
        {
            throw new FormatException($"its header claims {length} bytes, but the file has {file.Length}");
        }

        byte[] json = new byte[(int)length];
        file.Read(8, json);
        long dataStart = 8 + (long)length;
        return new SafeTensors(file, dataStart, SafeTensorsHeader.Parse(json, file.Length - dataStart));
    }
}
