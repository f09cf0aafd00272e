using System.Globalization;

namespace Engine.Serialization;

/// <summary>
/// A GGUF file, versions 2 and 3 (ggml-org/ggml, docs/gguf.md): typed metadata, tensors, aligned data. Read are F32, F16, BF16, F64, integers and
/// the blocks Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K, Q6_K and Q8_K; blocks become float32 where they are read into tensors. Shapes are in our order, rows first, which is the reverse of the file's.
/// </summary>
public sealed class GgufFile : WeightFile
{
    private const uint Magic = 0x46554747;
    private const int MaxAxes = 4;
    private const string Alignment = "general.alignment";

    private readonly BoundedFile _file;
    private readonly Dictionary<string, WeightEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, object> _values;

    private GgufFile(BoundedFile file)
        : base(file.Path)
    {
        _file = file;
        FileCursor cursor = new(file, 0, file.Length);
        if (cursor.Read<uint>() != Magic)
        {
            throw cursor.Fault("the letters GGUF are not at the beginning");
        }

        uint version = cursor.Read<uint>();
        if (version is not (2 or 3))
        {
            throw cursor.Fault($"version {version} is not 2 or 3");
        }

        long tensors = cursor.Count("the number of tensors", 24);
        long pairs = cursor.Count("the number of metadata keys", 13);
        _values = GgufMetadata.Read(cursor, pairs);
        List<WeightEntry> entries = [];
        for (long i = 0; i < tensors; i++)
        {
            entries.Add(ReadEntry(cursor));
        }

        uint alignment = _values.TryGetValue(Alignment, out object? value) ? value as uint? ?? 0 : DefaultAlignment;
        if (alignment is 0 or > 1 << 20 || (alignment & (alignment - 1)) != 0)
        {
            throw new FormatException($"{Alignment} is {value}, not a 32-bit power of two");
        }

        Place(entries, (cursor.Position + alignment - 1) / alignment * alignment, alignment);
    }

    /// <summary>What tensors are aligned to unless a file says otherwise.</summary>
    internal const uint DefaultAlignment = 32;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, WeightEntry> Entries => _entries;

    /// <summary>The metadata: byte … ulong, float, double, bool, string, or an array of one of them.</summary>
    public IReadOnlyDictionary<string, object> Values => _values;

    /// <summary>The metadata without its arrays, as text.</summary>
    public override IReadOnlyDictionary<string, string> Metadata => _values.Where(v => v.Value is not Array)
        .ToDictionary(v => v.Key, v => Convert.ToString(v.Value, CultureInfo.InvariantCulture)!, StringComparer.Ordinal);

    /// <summary>Opens a file and checks its head.</summary>
    /// <exception cref="EngineException">The file is missing, truncated, of another format or has a type that is not read; names file, byte and fault.</exception>
    public static GgufFile Open(string path) => BoundedFile.Open(path, "GGUF", file => new GgufFile(file));

    /// <summary>Writes a file of version 3, whole or not at all.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="metadata">Keys and values of the types of <see cref="Values"/>, in this order; <c>general.architecture</c> comes first by custom.</param>
    /// <param name="tensors">The tensors.</param>
    /// <exception cref="EngineException">A tensor does not fit its type, a value has a type that the format lacks, or the file cannot be written.</exception>
    public static void Save(string path, IEnumerable<(string Key, object Value)> metadata, IEnumerable<GgufTensor> tensors) =>
        AtomicFile.Write(path, new GgufWriter(path, metadata, tensors).Write);

    /// <inheritdoc/>
    protected internal override void ReadAt(WeightEntry entry, long at, Span<byte> into) => _file.ReadData(entry.Name, entry.Start + at, into);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _file.Dispose();

    // Start is counted from the start of the data here.
    private static WeightEntry ReadEntry(FileCursor cursor)
    {
        string name = cursor.Text(cursor.Count("the length of a tensor's name"), "a tensor's name");
        uint axes = cursor.Read<uint>();
        if (axes > MaxAxes)
        {
            throw cursor.Fault($"{name} has {axes} axes, but at most {MaxAxes} are allowed");
        }

        long[] shape = new long[axes];
        for (int axis = shape.Length - 1; axis >= 0; axis--)
        {
            shape[axis] = cursor.Read<long>();
            if (shape[axis] < 0)
            {
                throw cursor.Fault($"an axis of {name} is {(ulong)shape[axis]}");
            }
        }

        uint type = cursor.Read<uint>();
        string dtype = GgufTypes.NameOf(type) ?? throw cursor.Fault($"{name} has type {type}, which is not read; known are {GgufTypes.Known}");
        WeightEntry entry = new(name, dtype, shape, cursor.Read<long>(), 0);
        return entry.Bytes >= 0 && (shape.Length == 0 || shape[^1] % FileElements.GroupOf(dtype) == 0)
            ? entry
            : throw cursor.Fault($"{name}, {entry.Description}, is larger than any file, or its rows are no whole blocks of {FileElements.GroupOf(dtype)}");
    }

    private void Place(List<WeightEntry> entries, long dataStart, uint alignment)
    {
        long end = dataStart;
        foreach (WeightEntry entry in entries.OrderBy(e => e.Start).ThenBy(e => e.Bytes))
        {
            long length = _file.Length - dataStart;
            if (entry.Start < 0 || entry.Start % alignment != 0 || entry.Start > length || entry.Bytes > length - entry.Start)
            {
                throw new FormatException($"the data of {entry.Name}, {entry.Description}, begins at byte {entry.Start} of {Math.Max(0, length)} bytes of data, beyond them or not at a multiple of {alignment}");
            }

            WeightEntry placed = entry with { Start = dataStart + entry.Start, End = dataStart + entry.Start + entry.Bytes };
            if (placed.Start < end)
            {
                throw new FormatException($"the data of {entry.Name} begins at byte {placed.Start} inside that of another tensor, which ends at {end}");
            }

            end = placed.End;
            if (!_entries.TryAdd(entry.Name, placed))
            {
                throw new FormatException($"it has two tensors named {entry.Name}");
            }
        }
    }
}
