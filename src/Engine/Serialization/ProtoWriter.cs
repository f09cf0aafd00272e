using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Engine.Serialization;

/// <summary>
/// Writes messages in Protocol Buffers' wire format (protobuf.dev, "Encoding"): numbers, texts, bytes, messages. A writer that is
/// cleared and used again allocates no memory once it has grown.
/// </summary>
public sealed class ProtoWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    /// <summary>What was written, until the next change.</summary>
    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    /// <summary>A copy of what was written.</summary>
    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    /// <summary>Begins anew in the same memory.</summary>
    public ProtoWriter Clear()
    {
        _bytes.ResetWrittenCount();
        return this;
    }

    /// <summary>A whole number.</summary>
    public ProtoWriter Number(int field, long value) => Tag(field, 0).Varint((ulong)value);

    /// <summary>A float32.</summary>
    public ProtoWriter Float(int field, float value)
    {
        _ = Tag(field, 5);
        BinaryPrimitives.WriteSingleLittleEndian(_bytes.GetSpan(sizeof(float)), value);
        _bytes.Advance(sizeof(float));
        return this;
    }

    /// <summary>A float64.</summary>
    public ProtoWriter Double(int field, double value)
    {
        _ = Tag(field, 1);
        BinaryPrimitives.WriteDoubleLittleEndian(_bytes.GetSpan(sizeof(double)), value);
        _bytes.Advance(sizeof(double));
        return this;
    }

    /// <summary>UTF-8 text.</summary>
    public ProtoWriter Text(int field, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        int length = Encoding.UTF8.GetByteCount(value);
        _ = Head(field, length);
        Encoding.UTF8.GetBytes(value, _bytes.GetSpan(length));
        _bytes.Advance(length);
        return this;
    }

    /// <summary>A message that another writer holds.</summary>
    public ProtoWriter Message(int field, ProtoWriter message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return Bytes(field, message.Written);
    }

    /// <summary>Bytes, or a message.</summary>
    public ProtoWriter Bytes(int field, ReadOnlySpan<byte> value)
    {
        _ = Head(field, value.Length);
        _bytes.Write(value);
        return this;
    }

    /// <summary>The tag and length of bytes that somebody else writes behind.</summary>
    public ProtoWriter Head(int field, long length) => Tag(field, 2).Varint((ulong)length);

    private ProtoWriter Tag(int field, int kind) => Varint((ulong)((field << 3) | kind));

    private ProtoWriter Varint(ulong value)
    {
        for (; value >= 128; value >>= 7)
        {
            _bytes.Write([(byte)(value | 128)]);
        }

        _bytes.Write([(byte)value]);
        return this;
    }
}
