using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Engine.Serialization;

/// <summary>
/// Writes a safetensors file. The same tensors and metadata give the same bytes: wider types first, then names in ordinal
/// order, so that every tensor is aligned to its element; spaces behind the header align the data to 8 bytes.
/// </summary>
internal sealed class SafeTensorsWriter
{
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly string _path;
    private readonly Part[] _parts;
    private readonly byte[] _header;

    /// <summary>Checks everything and lays out the file.</summary>
    /// <exception cref="EngineException">A name is taken, reserved or not valid text, or the header is too long.</exception>
    public SafeTensorsWriter(string path, IEnumerable<(string Name, Tensor Value)> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        _path = path;
        _parts = [.. tensors.SelectMany(PartsOf).OrderByDescending(t => t.Size).ThenBy(t => t.Name, StringComparer.Ordinal)];
        HashSet<string> names = new(StringComparer.Ordinal) { SafeTensorsHeader.MetadataName };
        foreach (Part part in _parts)
        {
            if (!names.Add(CheckText(part.Name)))
            {
                throw new EngineException($"{path}: the name {part.Name} is {(part.Name == SafeTensorsHeader.MetadataName ? "reserved by the format" : "given to two tensors")}.");
            }
        }

        _header = Header(metadata);
        if (_header.Length > SafeTensorsHeader.MaxBytes)
        {
            throw new EngineException($"{path}: the header would have {_header.Length} bytes, above the format's {SafeTensorsHeader.MaxBytes}.");
        }
    }

    /// <summary>Writes the whole file, copying tensors from their device piece by piece.</summary>
    public void Write(Stream stream)
    {
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, _header.Length);
        stream.Write(length);
        stream.Write(_header);
        foreach (Part part in _parts)
        {
            part.Write(stream);
        }
    }

    // An int8 matrix is brought into order on the host, once for each of its two parts; anything else is copied piece by piece.
    private static IEnumerable<Part> PartsOf((string Name, Tensor Value) tensor)
    {
        (string name, Tensor value) = tensor;
        if (value.DType == DType.Int8)
        {
            yield return new Part(name, "I8", 1, value.Shape, stream => stream.Write(Int8Weights.Parts(value).Numbers));
            yield return new Part(name + Int8Weights.Suffix, "F32", sizeof(float), Int8Weights.ScaleShape(value), stream => stream.Write(Int8Weights.Parts(value).Scales));
            yield break;
        }

        yield return new Part(name, FileElements.NameOf(value.DType), value.DType.Size(), value.Shape, stream =>
        {
            Tensor flat = value.Contiguous();
            TensorTransfer.CopyTo(flat, stream);
            if (!flat.Equals(value))
            {
                flat.Dispose();
            }
        });
    }

    private byte[] Header(IReadOnlyDictionary<string, string>? metadata)
    {
        ArrayBufferWriter<byte> buffer = new();
        using Utf8JsonWriter json = new(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        if (metadata is { Count: > 0 })
        {
            json.WriteStartObject(SafeTensorsHeader.MetadataName);
            foreach ((string key, string text) in metadata.OrderBy(m => m.Key, StringComparer.Ordinal))
            {
                json.WriteString(CheckText(key), CheckText(text));
            }

            json.WriteEndObject();
        }

        long at = 0;
        foreach (Part part in _parts)
        {
            json.WriteStartObject(part.Name);
            json.WriteString("dtype", part.DType);
            json.WriteStartArray("shape");
            foreach (int size in part.Shape.Span)
            {
                json.WriteNumberValue(size);
            }

            json.WriteEndArray();
            json.WriteStartArray("data_offsets");
            json.WriteNumberValue(at);
            json.WriteNumberValue(at += part.Shape.Count * part.Size);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.Flush();
        byte[] header = new byte[(buffer.WrittenCount + 7) / 8 * 8];
        header.AsSpan().Fill((byte)' ');
        buffer.WrittenSpan.CopyTo(header);
        return header;
    }

    // Half a surrogate pair would be replaced on the way to UTF-8, and the name would not be found again.
    private string CheckText(string text)
    {
        try
        {
            _ = s_strict.GetByteCount(text);
            return text;
        }
        catch (EncoderFallbackException e)
        {
            throw new EngineException($"{_path}: a name or metadata text has half a surrogate pair at place {e.Index}, which UTF-8 cannot hold.", e);
        }
    }

    /// <summary>A tensor of the file.</summary>
    private sealed record Part(string Name, string DType, int Size, Shape Shape, Action<Stream> Write);
}
