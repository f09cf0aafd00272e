using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Engine.Serialization;

/// <summary>
/// Reads the head of a binary file front to back, little-endian, within bounds. Lengths that a file claims are checked against what is
/// left of it before anything is allocated.
/// </summary>
/// <param name="file">The file.</param>
/// <param name="start">The first byte to read.</param>
/// <param name="end">One past the last.</param>
internal sealed class FileCursor(BoundedFile file, long start, long end)
{
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly byte[] _buffer = new byte[(int)Math.Clamp(end - start, 0, 1 << 16)];
    private long _bufferStart = start;
    private int _bufferLength;

    /// <summary>The next byte's place in the file.</summary>
    public long Position { get; private set; } = start;

    /// <summary>One past the last byte.</summary>
    public long End { get; } = end;

    /// <summary>A number.</summary>
    public T Read<T>()
        where T : unmanaged
    {
        Span<byte> bytes = stackalloc byte[Unsafe.SizeOf<T>()];
        Fill(bytes);
        return MemoryMarshal.Read<T>(bytes);
    }

    /// <summary>An unsigned 64-bit count of things that take at least some bytes each.</summary>
    /// <param name="what">The things, for the message.</param>
    /// <param name="size">The fewest bytes of one.</param>
    public long Count(string what, long size = 1) => Checked(Read<ulong>(), what, size);

    /// <summary>A count that was read otherwise, checked against what is left.</summary>
    public long Checked(ulong count, string what, long size = 1) => count <= (ulong)((End - Position) / size)
        ? (long)count
        : throw Fault($"{what} is {count}, but only {End - Position} bytes follow");

    /// <summary>UTF-8 text.</summary>
    public string Text(long length, string what)
    {
        byte[] bytes = Bytes(length, what);
        try
        {
            return s_strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw Fault($"{what} is not UTF-8 text");
        }
    }

    /// <summary>Bytes as they are.</summary>
    public byte[] Bytes(long length, string what)
    {
        byte[] bytes = new byte[Checked((ulong)length, $"the length of {what}") is var count && count <= Array.MaxLength ? (int)count : throw Fault($"{what} has {count} bytes")];
        Fill(bytes);
        return bytes;
    }

    /// <summary>Goes on behind some bytes.</summary>
    public void Skip(long bytes, string what) => Position += Checked((ulong)bytes, $"the length of {what}");

    /// <summary>An error at the place reached.</summary>
    public FormatException Fault(string message) => new($"byte {Position}: {message}");

    private void Fill(Span<byte> into)
    {
        if (into.Length > End - Position)
        {
            throw Fault($"{into.Length} bytes are wanted, but only {End - Position} follow");
        }

        while (into.Length > 0)
        {
            long at = Position - _bufferStart;
            if (at < 0 || at >= _bufferLength)
            {
                (_bufferStart, at) = (Position, 0);
                _bufferLength = (int)Math.Min(_buffer.Length, End - Position);
                file.Read(Position, _buffer.AsSpan(0, _bufferLength));
            }

            int count = (int)Math.Min(into.Length, _bufferLength - at);
            _buffer.AsSpan((int)at, count).CopyTo(into);
            into = into[count..];
            Position += count;
        }
    }
}
