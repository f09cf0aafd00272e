using System.Buffers.Binary;
using System.Numerics;

namespace Engine.Pretraining.Data;

/// <summary>
/// The first 64 bytes of a token shard, little-endian; the tokens follow, without padding.
/// <code>
/// offset  bytes  field
///      0      8  magic "ENGTOKEN"
///      8      4  version, 1
///     12      4  bytes of a token: 2 (uint16) or 4 (uint32)
///     16      8  number of tokens
///     24      4  vocabulary size: every token is below it
///     28      4  CRC-32C of the tokens' bytes
///     32      8  fingerprint of the tokenizer that made them
///     40     20  zero
///     60      4  CRC-32C of bytes 0 … 59
/// </code>
/// </summary>
/// <param name="Width">Bytes of a token.</param>
/// <param name="Count">Number of tokens.</param>
/// <param name="VocabSize">V.</param>
/// <param name="DataCrc">CRC-32C of the tokens' bytes.</param>
/// <param name="Tokenizer">Fingerprint of the tokenizer.</param>
public readonly record struct TokenShardHeader(int Width, long Count, int VocabSize, uint DataCrc, ulong Tokenizer)
{
    /// <summary>Bytes of the header.</summary>
    public const int Size = 64;

    private const int CrcOffset = 60;

    private static ReadOnlySpan<byte> Magic => "ENGTOKEN"u8;

    /// <summary>The narrowest width that holds a vocabulary.</summary>
    public static int WidthFor(int vocabSize) => vocabSize <= 1 << 16 ? 2 : 4;

    /// <summary>Writes the header.</summary>
    public void Write(Span<byte> bytes)
    {
        bytes = bytes[..Size];
        bytes.Clear();
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], 1);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[12..], Width);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], Count);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[24..], VocabSize);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[28..], DataCrc);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[32..], Tokenizer);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[CrcOffset..], Crc(0, bytes[..CrcOffset]));
    }

    /// <summary>Reads and checks the header of a file.</summary>
    /// <param name="name">The file, for messages.</param>
    /// <param name="bytes">The file's first bytes.</param>
    /// <param name="fileLength">Bytes of the whole file.</param>
    /// <exception cref="EngineException">It is not a token shard, damaged or cut short; names the fault.</exception>
    public static TokenShardHeader Read(string name, ReadOnlySpan<byte> bytes, long fileLength)
    {
        if (bytes.Length < Size || !bytes.StartsWith(Magic))
        {
            throw new EngineException($"{name}: is not a token shard: it does not begin with a {Size}-byte header.");
        }

        int version = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
        TokenShardHeader header = new(
            BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[24..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[28..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[32..]));
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[CrcOffset..]) != Crc(0, bytes[..CrcOffset]))
        {
            throw new EngineException($"{name}: the header of the token shard is damaged: its checksum is wrong.");
        }

        if (version != 1 || header.Width is not (2 or 4) || header.VocabSize < 1 || header.Count < 0)
        {
            throw new EngineException($"{name}: token shard version {version} with {header.Width}-byte tokens is unknown; this program reads version 1.");
        }

        return header.Count == (fileLength - Size) / header.Width && (fileLength - Size) % header.Width == 0
            ? header
            : throw new EngineException(
                $"{name}: the token shard claims {header.Count} tokens of {header.Width} bytes, but the file has {fileLength} bytes; it is cut short or damaged.");
    }

    /// <summary>CRC-32C (Castagnoli) of bytes, continued from <paramref name="crc"/>; start with 0.</summary>
    internal static uint Crc(uint crc, ReadOnlySpan<byte> bytes)
    {
        crc = ~crc;
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (byte b in bytes)
        {
            crc = BitOperations.Crc32C(crc, b);
        }

        return ~crc;
    }
}
