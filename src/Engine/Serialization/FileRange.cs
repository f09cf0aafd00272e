namespace Engine.Serialization;

/// <summary>A part of a file as a stream that is read front to back; the file stays open.</summary>
/// <param name="file">The file.</param>
/// <param name="name">What the part is, for messages.</param>
/// <param name="start">Its first byte.</param>
/// <param name="length">Its bytes.</param>
internal sealed class FileRange(BoundedFile file, string name, long start, long length) : Stream
{
    private long _at;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => _at;
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        int count = (int)Math.Min(buffer.Length, length - _at);
        file.ReadData(name, start + _at, buffer[..count]);
        _at += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
