using System.Buffers;
using System.Text;

namespace Engine.Serialization;

/// <summary>The few forms of Protocol Buffers' wire format that ONNX needs (protobuf.dev, encoding): numbers, texts, bytes, messages.</summary>
internal sealed class ProtoWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    /// <summary>What was written.</summary>
    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    /// <summary>A whole number.</summary>
    public ProtoWriter Number(int field, long value) => Tag(field, 0).Varint((ulong)value);

    /// <summary>A float32.</summary>
    public ProtoWriter Float(int field, float value)
    {
        _ = Tag(field, 5);
        _bytes.Write(BitConverter.GetBytes(value));
        return this;
    }

    /// <summary>UTF-8 text.</summary>
    public ProtoWriter Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

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
