using System.Text.Json;

namespace Engine.Serialization;

/// <summary>
/// The JSON header of a safetensors file, read strictly: what the format forbids (two tensors of one name, bytes that
/// belong to two tensors or to none) is an error, and a hostile header costs no more memory than a small multiple of itself.
/// </summary>
internal sealed class SafeTensorsHeader
{
    /// <summary>The longest header, as in the format's reference implementation.</summary>
    public const long MaxBytes = 100_000_000;

    /// <summary>The reserved name under which free-form strings lie.</summary>
    public const string MetadataName = "__metadata__";

    // Far above any tensor's rank; keeps a header of digits from becoming one huge shape.
    private const int MaxRank = 64;

    public Dictionary<string, WeightEntry> Entries { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads and checks a header.</summary>
    /// <param name="json">The header's bytes.</param>
    /// <param name="dataLength">Bytes of data behind it in the file.</param>
    /// <exception cref="FormatException">It is not a header of such a file; says why.</exception>
    public static SafeTensorsHeader Parse(ReadOnlySpan<byte> json, long dataLength)
    {
        SafeTensorsHeader header = new();
        try
        {
            Utf8JsonReader reader = new(json);
            Expect(ref reader, JsonTokenType.StartObject, "the header");
            while (NextProperty(ref reader) is { } name)
            {
                if (name == MetadataName)
                {
                    header.ReadMetadata(ref reader);
                }
                else if (!header.Entries.TryAdd(name, ReadEntry(ref reader, name)))
                {
                    throw new FormatException($"it has two tensors named {name}");
                }
            }

            // Throws if anything but spaces follows.
            _ = reader.Read();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FormatException($"its header cannot be read ({e.Message})", e);
        }

        header.CheckRanges(dataLength);
        return header;
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject, MetadataName);
        while (NextProperty(ref reader) is { } key)
        {
            Expect(ref reader, JsonTokenType.String, $"{MetadataName} {key}");
            if (!Metadata.TryAdd(key, reader.GetString()!))
            {
                throw new FormatException($"its {MetadataName} has {key} twice");
            }
        }
    }

    private static WeightEntry ReadEntry(ref Utf8JsonReader reader, string name)
    {
        string? dtype = null;
        List<long>? shape = null;
        List<long>? range = null;
        Expect(ref reader, JsonTokenType.StartObject, name);
        while (NextProperty(ref reader) is { } key)
        {
            switch (key)
            {
                case "dtype" when dtype is null:
                    Expect(ref reader, JsonTokenType.String, $"the dtype of {name}");
                    dtype = reader.GetString()!;
                    break;
                case "shape" when shape is null:
                    shape = ReadNumbers(ref reader, $"the shape of {name}", MaxRank);
                    break;
                case "data_offsets" when range is null:
                    range = ReadNumbers(ref reader, $"the data_offsets of {name}", 2);
                    break;
                default:
                    throw new FormatException($"{name} has {key}, which is unknown or comes twice");
            }
        }

        if (dtype is null || shape is null || range is not { Count: 2 })
        {
            throw new FormatException($"{name} lacks its dtype, shape or two data_offsets");
        }

        WeightEntry entry = new(name, dtype, shape.AsReadOnly(), range[0], range[1]);
        if (range[1] < range[0] || entry.Bytes < 0 || entry.Bytes != range[1] - range[0])
        {
            throw new FormatException($"{name}, {entry.Description}, does not fit its bytes {range[0]} to {range[1]}");
        }

        return entry;
    }

    private static List<long> ReadNumbers(ref Utf8JsonReader reader, string what, int most)
    {
        Expect(ref reader, JsonTokenType.StartArray, what);
        List<long> numbers = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0 || numbers.Count == most)
            {
                throw new FormatException($"{what} is not a list of at most {most} whole numbers of at least 0");
            }

            numbers.Add(number);
        }

        return numbers;
    }

    // Tensors must cover the data without gap or overlap.
    private void CheckRanges(long dataLength)
    {
        long at = 0;
        foreach (WeightEntry entry in Entries.Values.OrderBy(e => e.Start).ThenBy(e => e.End))
        {
            if (entry.End > dataLength)
            {
                throw new FormatException($"the data of {entry.Name} is not inside the file: it ends at byte {entry.End} of {dataLength}");
            }

            if (entry.Start != at)
            {
                throw new FormatException($"the data of {entry.Name} starts at byte {entry.Start}, expected {at}, where the data before it ends");
            }

            at = entry.End;
        }

        if (at != dataLength)
        {
            throw new FormatException($"its tensors end at byte {at} of the data, but the file has {dataLength}");
        }
    }

    private static string? NextProperty(ref Utf8JsonReader reader) =>
        reader.Read() && reader.TokenType == JsonTokenType.PropertyName ? reader.GetString() : null;

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type, string what)
    {
        if (!reader.Read() || reader.TokenType != type)
        {
            string kind = type switch { JsonTokenType.StartObject => "an object", JsonTokenType.StartArray => "a list", _ => "a string" };
            throw new FormatException($"{what} is not {kind}");
        }
    }
}
