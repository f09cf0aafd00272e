using System.Buffers.Binary;
using System.Text.Json;

namespace Engine.Serialization;

/// <summary>One tensor of a safetensors file: where it lies and how to read it.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="DType">The format's own type name: F64, F32, F16, BF16, I64, I32, I8, U8 …</param>
/// <param name="Shape">Sizes of the axes.</param>
/// <param name="Start">First byte, counted from the start of the data.</param>
/// <param name="End">One past the last byte.</param>
public sealed record SafeTensorsEntry(string Name, string DType, IReadOnlyList<long> Shape, long Start, long End);

/// <summary>
/// A safetensors file: 8 bytes of little-endian header length, a JSON header of names, types, shapes and byte ranges, then
/// the raw little-endian data. Opening reads the header and checks it against the file; data is read on demand.
/// </summary>
public sealed class SafeTensors : IDisposable
{
    private const long MaxHeader = 100_000_000;
    private readonly FileStream _file;
    private readonly long _dataStart;

    private SafeTensors(FileStream file, long dataStart, Dictionary<string, SafeTensorsEntry> entries, Dictionary<string, string> metadata)
    {
        _file = file;
        _dataStart = dataStart;
        Entries = entries;
        Metadata = metadata;
    }

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, SafeTensorsEntry> Entries { get; }

    /// <summary>The free-form strings of the header's <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="EngineException">The file is missing, unreadable, truncated or not in this format; names file and fault.</exception>
    public static SafeTensors Open(string path)
    {
        FileStream file;
        try
        {
            file = File.OpenRead(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"{path}: cannot be opened: {e.Message}", e);
        }

        try
        {
            return Parse(path, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The raw bytes of one tensor.</summary>
    /// <exception cref="EngineException">There is no such tensor, or the file ended early.</exception>
    public byte[] Read(string name)
    {
        if (!Entries.TryGetValue(name, out SafeTensorsEntry? entry))
        {
            throw new EngineException($"{_file.Name}: there is no tensor named {name}.");
        }

        byte[] bytes = new byte[entry.End - entry.Start];
        lock (_file)
        {
            _file.Position = _dataStart + entry.Start;
            _file.ReadExactly(bytes);
        }

        return bytes;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    /// <summary>Bytes of one element of a type; 0 for an unknown type.</summary>
    internal static int SizeOf(string dtype) => dtype switch
    {
        "F64" or "I64" or "U64" => 8,
        "F32" or "I32" or "U32" => 4,
        "F16" or "BF16" or "I16" or "U16" => 2,
        "I8" or "U8" or "BOOL" or "F8_E4M3" or "F8_E5M2" => 1,
        _ => 0,
    };

    private static SafeTensors Parse(string path, FileStream file)
    {
        EngineException Bad(string why) => new($"{path}: not a valid safetensors file: {why}.");
        Span<byte> prefix = stackalloc byte[8];
        if (file.ReadAtLeast(prefix, 8, throwOnEndOfStream: false) < 8)
        {
            throw Bad("it is shorter than 8 bytes");
        }

        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > MaxHeader || (long)length > file.Length - 8)
        {
            throw Bad($"its header claims {length} bytes, but the file has {file.Length}");
        }

        byte[] header = new byte[(int)length];
        file.ReadExactly(header);
        long dataStart = 8 + (long)length;
        long dataLength = file.Length - dataStart;
        Dictionary<string, SafeTensorsEntry> entries = [];
        Dictionary<string, string> metadata = [];
        try
        {
            using JsonDocument json = JsonDocument.Parse(header);
            foreach (JsonProperty property in json.RootElement.EnumerateObject())
            {
                if (property.Name == "__metadata__")
                {
                    foreach (JsonProperty item in property.Value.EnumerateObject())
                    {
                        metadata[item.Name] = item.Value.GetString() ?? string.Empty;
                    }

                    continue;
                }

                long[] shape = [.. property.Value.GetProperty("shape").EnumerateArray().Select(d => d.GetInt64())];
                long[] range = [.. property.Value.GetProperty("data_offsets").EnumerateArray().Select(d => d.GetInt64())];
                string dtype = property.Value.GetProperty("dtype").GetString() ?? string.Empty;
                if (range.Length != 2 || range[0] < 0 || range[1] < range[0] || range[1] > dataLength)
                {
                    throw Bad($"the data of {property.Name} is not inside the file");
                }

                Int128 expected = SizeOf(dtype);
                foreach (long size in shape)
                {
                    expected = size < 0 ? throw Bad($"{property.Name} has a negative size") : checked(expected * size);
                }

                if (SizeOf(dtype) == 0 || expected != range[1] - range[0])
                {
                    throw Bad($"{property.Name} of type {dtype} and shape ({string.Join(", ", shape)}) does not fit its {range[1] - range[0]} bytes");
                }

                entries.Add(property.Name, new SafeTensorsEntry(property.Name, dtype, shape, range[0], range[1]));
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException or OverflowException)
        {
            throw new EngineException($"{path}: not a valid safetensors file: its header cannot be read ({e.Message}).", e);
        }

        return new SafeTensors(file, dataStart, entries, metadata);
    }
}
