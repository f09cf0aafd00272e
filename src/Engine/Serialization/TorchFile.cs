using System.Numerics;

namespace Engine.Serialization;

/// <summary>
/// A PyTorch file (.pt, .pth, .bin, .th; read only), as a zip archive (since 1.6) or as the row of pickles before that. Tensors are found in
/// dictionaries and lists, with the path as name; where the file is a checkpoint, in its <c>state_dict</c>, and without the <c>module.</c> that
/// parallel training puts in front. Nothing in the file is run: see <see cref="PickleReader"/>.
/// </summary>
public sealed class TorchFile : WeightFile
{
    private const int Magic = 10;
    private static readonly BigInteger s_magic = BigInteger.Parse("119547037146038801333356", System.Globalization.CultureInfo.InvariantCulture);

    private readonly BoundedFile _file;
    private readonly Dictionary<string, WeightEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TorchTensor> _tensors = new(StringComparer.Ordinal);

    private TorchFile(BoundedFile file)
        : base(file.Path)
    {
        _file = file;
        TorchTypes types = new();
        (object? root, Dictionary<string, long> starts) = ZipDirectory.IsZip(file) ? ReadZip(file, types) : ReadLegacy(file, types);
        foreach ((string name, TorchTensor tensor) in TorchNames.Of(root))
        {
            int size = FileElements.SizeOf(tensor.Storage.DType);
            long start = starts[tensor.Storage.Key] + (tensor.Offset * size);
            WeightEntry entry = new(name, tensor.Storage.DType, tensor.Shape, start, start);
            _entries.Add(name, entry with { End = start + entry.Bytes });
            _tensors.Add(name, tensor);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, WeightEntry> Entries => _entries;

    /// <summary>Opens a file.</summary>
    /// <exception cref="EngineException">The file is missing, truncated, not in this format, or asks for code to be run; names file, byte and fault.</exception>
    public static TorchFile Open(string path) => BoundedFile.Open(path, "PyTorch", file => new TorchFile(file));

    /// <inheritdoc/>
    protected internal override void ReadAt(WeightEntry entry, long at, Span<byte> into)
    {
        TorchTensor tensor = _tensors[entry.Name];
        if (tensor.IsContiguous)
        {
            _file.ReadData(entry.Name, entry.Start + at, into);
            return;
        }

        // Element by element, as the strides say; such tensors are few and small.
        int size = FileElements.SizeOf(entry.DType);
        for (int done = 0; done < into.Length;)
        {
            (long element, int within) = ((at + done) / size, (int)((at + done) % size));
            int count = Math.Min(size - within, into.Length - done);
            _file.ReadData(entry.Name, entry.Start + (Place(tensor, element) * size) + within, into.Slice(done, count));
            done += count;
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _file.Dispose();

    private static long Place(TorchTensor tensor, long element)
    {
        long place = 0;
        for (int axis = tensor.Shape.Length - 1; axis >= 0; axis--)
        {
            place += element % tensor.Shape[axis] * tensor.Strides[axis];
            element /= tensor.Shape[axis];
        }

        return place;
    }

    // NAME/data.pkl and NAME/data/KEY, stored plainly.
    private static (object? Root, Dictionary<string, long> Starts) ReadZip(BoundedFile file, TorchTypes types)
    {
        const string Pickle = "data.pkl";
        Dictionary<string, ZipMember> members = ZipDirectory.Read(file);
        ZipMember pickle = members.Values.FirstOrDefault(m => m.Name.EndsWith("/" + Pickle, StringComparison.Ordinal) || m.Name == Pickle)
            ?? throw new FormatException($"the archive has no {Pickle}");
        string prefix = pickle.Name[..^Pickle.Length];
        if (members.TryGetValue(prefix + "byteorder", out ZipMember? order) && new FileCursor(file, order.Start, order.Start + order.Packed).Text(order.Packed, "the byte order") != "little")
        {
            throw new FormatException("its numbers are big-endian");
        }

        object? root = new PickleReader(new FileCursor(file, pickle.Start, pickle.Start + Plain(pickle).Packed), types).Read();
        Dictionary<string, long> starts = new(StringComparer.Ordinal);
        foreach (TorchStorage storage in types.Storages.Values)
        {
            string name = $"{prefix}data/{storage.Key}";
            long bytes = FileElements.BytesOf(storage.DType, storage.Count);
            if (!members.TryGetValue(name, out ZipMember? member) || bytes < 0 || Plain(member).Packed < bytes)
            {
                throw new FormatException($"storage {storage.Key} needs {bytes} bytes, but {name} {(member is null ? "is missing" : $"has {member.Packed}")}");
            }

            starts.Add(storage.Key, member.Start);
        }

        return (root, starts);
    }

    private static ZipMember Plain(ZipMember member) => member.Deflated ? throw new FormatException($"{member.Name} is compressed, which PyTorch does not do") : member;

    // Pickles of a magic number, a version, the system and the object, then of the storages' keys, whose lengths and bytes follow in this order.
    private static (object? Root, Dictionary<string, long> Starts) ReadLegacy(BoundedFile file, TorchTypes types)
    {
        FileCursor cursor = new(file, 0, file.Length);
        if (file.Length < Magic || cursor.Read<ushort>() != 0x0280)
        {
            throw new FormatException("it begins neither as a zip archive nor as a pickle");
        }

        cursor = new FileCursor(file, 0, file.Length);
        object? Next() => new PickleReader(cursor, types).Read();
        if (Next() is not BigInteger magic || magic != s_magic)
        {
            throw cursor.Fault("PyTorch's magic number is not here");
        }

        _ = Next();
        if (Next() is PickleDict system && system.Items.Any(item => item is ("little_endian", false)))
        {
            throw cursor.Fault("its numbers are big-endian");
        }

        object? root = Next();
        List<object?> keys = Next() as List<object?> ?? throw cursor.Fault("the list of storages is not here");
        Dictionary<string, long> starts = new(StringComparer.Ordinal);
        foreach (object? key in keys)
        {
            if (key is not string name || !types.Storages.TryGetValue(name, out TorchStorage? storage))
            {
                throw cursor.Fault($"storage {key} belongs to no tensor");
            }

            long count = cursor.Read<long>();
            if (count != storage.Count || !starts.TryAdd(name, cursor.Position))
            {
                throw cursor.Fault($"storage {name} has {count} elements here, but {storage.Count} in the pickle, or comes twice");
            }

            cursor.Skip(cursor.Checked((ulong)count, $"storage {name}", FileElements.SizeOf(storage.DType)) * FileElements.SizeOf(storage.DType), $"storage {name}");
        }

        return types.Storages.Keys.FirstOrDefault(key => !starts.ContainsKey(key)) is { } missing
            ? throw cursor.Fault($"storage {missing} is missing")
            : (root, starts);
    }
}
