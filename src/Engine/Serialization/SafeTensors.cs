using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Engine.Serialization;

/// <summary>
/// A safetensors file: 8 bytes of little-endian header length, a JSON header of names, types, shapes and byte ranges, then
/// the raw little-endian data. Opening reads the header and checks it against the file; data is read on demand, from any
/// thread.
/// </summary>
public sealed class SafeTensors : IDisposable
{
    private readonly string _path;
    private readonly SafeFileHandle _file;
    private readonly long _dataStart;

    private SafeTensors(string path, SafeFileHandle file, long dataStart, SafeTensorsHeader header)
    {
        _path = path;
        _file = file;
        _dataStart = dataStart;
        Entries = header.Entries;
        Metadata = header.Metadata;
    }

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, SafeTensorsEntry> Entries { get; }

    /// <summary>The free-form strings of the header's <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="EngineException">The file is missing, unreadable, truncated or not in this format; names file and fault.</exception>
    public static SafeTensors Open(string path)
    {
        SafeFileHandle? file = null;
        try
        {
            // A checkpoint may be replaced while an older reader has it open.
            file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, FileOptions.RandomAccess);
            return Parse(path, file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            file?.Dispose();
            throw new EngineException($"{path}: cannot be opened: {e.Message}", e);
        }
        catch (FormatException e)
        {
            file?.Dispose();
            throw new EngineException($"{path}: not a valid safetensors file: {e.Message}.", e);
        }
    }

    /// <summary>
    /// Writes tensors as a file, whole or not at all (see <see cref="AtomicFile"/>). The same contents give the same bytes.
    /// </summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="tensors">Tensors with their names, each name once; strided ones are written row-major.</param>
    /// <param name="metadata">Free-form strings for the header.</param>
    /// <exception cref="EngineException">A name is taken, reserved or not valid text, or the file cannot be written.</exception>
    public static void Save(string path, IEnumerable<(string Name, Tensor Value)> tensors, IReadOnlyDictionary<string, string>? metadata = null) =>
        AtomicFile.Write(path, new SafeTensorsWriter(path, tensors, metadata).Write);

    /// <summary>The raw bytes of one tensor.</summary>
    /// <exception cref="EngineException">There is no such tensor, it is too long for one array, or the file ended early.</exception>
    public byte[] Read(string name)
    {
        SafeTensorsEntry entry = Find(name);
        long length = entry.End - entry.Start;
        if (length > Array.MaxLength)
        {
            throw new EngineException($"{_path}: {name} has {length} bytes, too many for one array; load it into a tensor.");
        }

        byte[] bytes = new byte[length];
        ReadAt(entry, 0, bytes);
        return bytes;
    }

    /// <summary>One tensor as a new persistent one, which the caller disposes.</summary>
    /// <param name="name">Its name in the file.</param>
    /// <param name="device">Where to.</param>
    /// <param name="dtype">
    /// The element type; by default the file's, float32 for F64, int32 for all integers. Floats are rounded, integers must fit.
    /// </param>
    /// <exception cref="EngineException">There is no such tensor, or it cannot be held; names file, tensor, type and shape.</exception>
    public Tensor ReadTensor(string name, Device device, DType? dtype = null)
    {
        SafeTensorsEntry entry = Find(name);
        if (entry.Shape.Count > Shape.MaxRank || entry.Shape.Any(size => size > int.MaxValue))
        {
            throw new EngineException($"{_path}: {name} is {entry.Description}; tensors have at most {Shape.MaxRank} axes, each at most {int.MaxValue}.");
        }

        DType target = dtype ?? FileElements.Natural(entry.DType) ?? DType.Float32;
        CheckType(entry, target);
        Tensor x = Tensor.Empty(device, Shape.Create([.. entry.Shape.Select(size => (int)size)]), target);
        try
        {
            Fill(entry, x);
        }
        catch
        {
            x.Dispose();
            throw;
        }

        return x;
    }

    /// <summary>Overwrites an existing contiguous tensor of the same shape. Floats are rounded to its type, integers must fit.</summary>
    /// <exception cref="EngineException">There is no such tensor, or type or shape differ; names file, tensor, expected and found.</exception>
    public void Load(string name, Tensor target) => Fill(CheckTarget(name, target), target);

    /// <summary>Overwrites many tensors, for example a model's parameters; nothing is changed unless all names, types and shapes fit.</summary>
    /// <param name="targets">Names in the file and the tensors to overwrite.</param>
    /// <param name="exact">Whether the file may have no other tensors.</param>
    /// <exception cref="EngineException">Something is missing, superfluous or does not fit; names file and tensors.</exception>
    public void Load(IEnumerable<(string Name, Tensor Target)> targets, bool exact = true)
    {
        (string Name, Tensor Target)[] all = [.. targets];
        RefuseIfAny("lacks", all.Select(t => t.Name).Where(name => !Entries.ContainsKey(name)));
        if (exact)
        {
            RefuseIfAny("has unexpected", Entries.Keys.Except(all.Select(t => t.Name)).Order(StringComparer.Ordinal));
        }

        SafeTensorsEntry[] entries = [.. all.Select(t => CheckTarget(t.Name, t.Target))];
        for (int i = 0; i < all.Length; i++)
        {
            Fill(entries[i], all[i].Target);
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    private static SafeTensors Parse(string path, SafeFileHandle file)
    {
        long fileLength = RandomAccess.GetLength(file);
        Span<byte> prefix = stackalloc byte[8];
        if (fileLength < prefix.Length)
        {
            throw new FormatException("it is shorter than 8 bytes");
        }

        ReadFully(file, prefix, 0);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > SafeTensorsHeader.MaxBytes || (long)length > fileLength - 8)
        {
            throw new FormatException($"its header claims {length} bytes, but the file has {fileLength}");
        }

        byte[] json = new byte[(int)length];
        ReadFully(file, json, 8);
        long dataStart = 8 + (long)length;
        return new SafeTensors(path, file, dataStart, SafeTensorsHeader.Parse(json, fileLength - dataStart));
    }

    private SafeTensorsEntry Find(string name) => Entries.TryGetValue(name, out SafeTensorsEntry? entry)
        ? entry
        : throw new EngineException($"{_path}: there is no tensor named {name}.");

    private SafeTensorsEntry CheckTarget(string name, Tensor target)
    {
        SafeTensorsEntry entry = Find(name);
        CheckType(entry, target.DType);
        Shape expected = target.Shape;
        bool same = entry.Shape.Count == expected.Rank;
        for (int axis = 0; same && axis < expected.Rank; axis++)
        {
            same = entry.Shape[axis] == expected[axis];
        }

        if (!same)
        {
            throw new EngineException($"{_path}: {name} is {entry.Description}, expected shape {expected}.");
        }

        return target.IsContiguous ? entry : throw new EngineException($"{_path}: {name} cannot be loaded into a strided view; load it into its whole tensor.");
    }

    private void CheckType(SafeTensorsEntry entry, DType target)
    {
        if (!FileElements.Converts(entry.DType, target))
        {
            throw new EngineException($"{_path}: {entry.Name} is {entry.Description}, which does not convert to {target.Name()}.");
        }
    }

    private void Fill(SafeTensorsEntry entry, Tensor target)
    {
        long wrong = TensorTransfer.Load(target, entry.DType, (at, into) => ReadAt(entry, at, into));
        if (wrong >= 0)
        {
            throw new EngineException($"{_path}: element {wrong} of {entry.Name}, {entry.Description}, is beyond int32.");
        }
    }

    private void ReadAt(SafeTensorsEntry entry, long at, Span<byte> into)
    {
        try
        {
            ReadFully(_file, into, _dataStart + entry.Start + at);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"{_path}: {entry.Name} cannot be read: {e.Message}", e);
        }
    }

    private static void ReadFully(SafeFileHandle file, Span<byte> into, long at)
    {
        while (into.Length > 0)
        {
            int count = RandomAccess.Read(file, into, at);
            if (count == 0)
            {
                throw new EndOfStreamException($"the file ended at byte {at}, before what its header promises.");
            }

            into = into[count..];
            at += count;
        }
    }

    private void RefuseIfAny(string what, IEnumerable<string> names)
    {
        string[] all = [.. names];
        if (all.Length > 0)
        {
            string more = all.Length > 5 ? $" and {all.Length - 5} more" : string.Empty;
            throw new EngineException($"{_path}: the file {what} {string.Join(", ", all.Take(5))}{more}.");
        }
    }
}
