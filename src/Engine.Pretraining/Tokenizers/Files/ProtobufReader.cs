using System.Buffers.Binary;

namespace Engine.Pretraining.Tokenizers.Files;

/// <summary>
/// Walks over the fields of a message in Protocol Buffers' wire format (protobuf.dev, "Encoding"): a number and a type before
/// each value. Groups, which nothing here uses, are refused.
/// </summary>
/// <param name="name">The file, for messages.</param>
/// <param name="message">The bytes of the message.</param>
/// <param name="offset">Where in the file they begin.</param>
internal ref struct ProtobufReader(string name, ReadOnlySpan<byte> message, int offset = 0)
{
    private readonly ReadOnlySpan<byte> _message = message;
    private int _at;
    private int _valueAt;

    /// <summary>The field's number.</summary>
    public int Field { get; private set; }

    /// <summary>The value of an integer field; of fixed ones their bits.</summary>
    public ulong Number { get; private set; }

    /// <summary>The value of a field with a length: text, bytes, a message.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Where in the file the value begins.</summary>
    public readonly int Offset => offset + _valueAt;

    /// <summary>Goes to the next field; false at the end.</summary>
    /// <exception cref="EngineException">The message is cut off or no message.</exception>
    public bool MoveNext()
    {
        if (_at == _message.Length)
        {
            return false;
        }

        ulong tag = Varint();
        (Field, _valueAt) = ((int)Math.Min(tag >> 3, int.MaxValue), _at);
        Bytes = default;
        Number = 0;
        switch (tag & 7)
        {
            case 0:
                Number = Varint();
                break;
            case 1:
                Number = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
                break;
            case 2:
                ulong length = Varint();
                _valueAt = _at;
                Bytes = Take(length);
                break;
            case 5:
                Number = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
                break;
            default:
                throw Broken($"field {Field} is of the unknown type {tag & 7}");
        }

        return Field > 0 ? true : throw Broken("a field has the number 0");
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)(_message.Length - _at))
        {
            throw Broken($"field {Field} says that it has {count} bytes where {_message.Length - _at} are left");
        }

        ReadOnlySpan<byte> taken = _message.Slice(_at, (int)count);
        _at += (int)count;
        return taken;
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            if (_at == _message.Length)
            {
                throw Broken("a number is cut off");
            }

            byte next = _message[_at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Broken("a number has more than 64 bits");
    }

    private readonly EngineException Broken(string what) => new($"{name}: is not a SentencePiece model: at byte {offset + _at}, {what}.");
}
