using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Engine;

/// <summary>
/// The format of a cached program. Little endian: 8 bytes that name the format, SHA-256 of all that follows, the key's 32
/// bytes, the label's length (int32), the program's length (int64), the label (UTF-8), the program. Every byte is under the
/// checksum, so a file is either exactly what was written or is refused.
/// </summary>
internal static class ProgramFile
{
    private const int ChecksumAt = 8;
    private const int KeyAt = ChecksumAt + SHA256.HashSizeInBytes;
    private const int LabelLengthAt = KeyAt + SHA256.HashSizeInBytes;
    private const int ProgramLengthAt = LabelLengthAt + sizeof(int);
    private const int LabelAt = ProgramLengthAt + sizeof(long);

    private static ReadOnlySpan<byte> Format => "EngProg1"u8;

    /// <summary>The file of a program.</summary>
    public static byte[] Write(ProgramKey key, string label, ReadOnlySpan<byte> program)
    {
        byte[] text = Encoding.UTF8.GetBytes(label);
        byte[] file = new byte[LabelAt + text.Length + program.Length];
        Format.CopyTo(file);
        Convert.FromHexString(key.Hash).CopyTo(file, KeyAt);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(LabelLengthAt), text.Length);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(ProgramLengthAt), program.Length);
        text.CopyTo(file, LabelAt);
        program.CopyTo(file.AsSpan(LabelAt + text.Length));
        SHA256.HashData(file.AsSpan(KeyAt), file.AsSpan(ChecksumAt));
        return file;
    }

    /// <summary>The program in a file, if the file is whole and holds the program of this key.</summary>
    public static bool TryRead(ReadOnlySpan<byte> file, ProgramKey key, out byte[] program)
    {
        if (!TryLabel(file, out string label) || !file.Slice(KeyAt, SHA256.HashSizeInBytes).SequenceEqual(Convert.FromHexString(key.Hash)))
        {
            program = [];
            return false;
        }

        program = file[(LabelAt + Encoding.UTF8.GetByteCount(label))..].ToArray();
        return true;
    }

    /// <summary>The label of a file, if the file is whole.</summary>
    public static bool TryLabel(ReadOnlySpan<byte> file, out string label)
    {
        label = string.Empty;
        if (file.Length < LabelAt || !file.StartsWith(Format))
        {
            return false;
        }

        Span<byte> checksum = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(file[KeyAt..], checksum);
        int labelLength = BinaryPrimitives.ReadInt32LittleEndian(file[LabelLengthAt..]);
        long programLength = BinaryPrimitives.ReadInt64LittleEndian(file[ProgramLengthAt..]);
        if (!checksum.SequenceEqual(file[ChecksumAt..KeyAt]) || labelLength < 0 || LabelAt + labelLength + programLength != file.Length)
        {
            return false;
        }

        label = Encoding.UTF8.GetString(file.Slice(LabelAt, labelLength));
        return true;
    }
}
