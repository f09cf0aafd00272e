using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using Engine.Pretraining.Data;
using Engine.Serialization;

namespace Engine.Pretraining.Logs;

/// <summary>
/// An event file of TensorBoard: <c>tensorflow.Event</c> messages (event.proto, summary.proto) as records of TFRecord, which are the
/// length, its masked CRC-32C, the message, its masked CRC-32C. Only whole records reach the disk, so the file of a run that was
/// killed is valid to its end.
/// </summary>
internal sealed class EventFile : IDisposable
{
    private const string Prefix = "events.out.tfevents.";

    // Fields of Event, Summary.Value, SummaryMetadata, TensorProto.
    private const int WallTime = 1, Step = 2, FileVersion = 3, Summary = 5, SessionLog = 7;
    private const int Tag = 1, SimpleValue = 2, Tensor = 8, Metadata = 9;
    private const int SessionStart = 1, DtString = 7;

    private const int BufferedBytes = 1 << 14;
    private readonly FileStream _file;
    private readonly ArrayBufferWriter<byte> _records = new(BufferedBytes);
    private readonly ProtoWriter _event = new();
    private readonly ProtoWriter _summary = new();
    private readonly ProtoWriter _value = new();

    private EventFile(FileStream file) => _file = file;

    /// <summary>
    /// Begins a new file in a run's folder, named so that it sorts after all that are there. Its first events are the version of the
    /// format and the start of a session, which makes TensorBoard forget what earlier files have from this step on.
    /// </summary>
    /// <param name="folder">The run folder.</param>
    /// <param name="firstStep">The first step that this file may speak of.</param>
    /// <exception cref="EngineException">The file cannot be written.</exception>
    public static EventFile Create(string folder, long firstStep)
    {
        long stamp = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        foreach (string earlier in In(folder))
        {
            stamp = Math.Max(stamp, StampOf(earlier) + 1);
        }

        string path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{stamp:0000000000}.engine"));
        try
        {
            EventFile file = new(new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0));
            file.Append(file._event.Clear().Double(WallTime, Now).Text(FileVersion, "brain.Event:2"));
            file.Append(file._event.Clear().Double(WallTime, Now).Number(Step, firstStep).Message(SessionLog, file._value.Clear().Number(1, SessionStart)));
            file.Flush();
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"{path}: cannot be written: {e.Message}", e);
        }
    }

    /// <summary>The event files of a folder, in the order in which TensorBoard reads them.</summary>
    public static IEnumerable<string> In(string folder) => Directory.EnumerateFiles(folder, Prefix + "*").Order(StringComparer.Ordinal);

    /// <summary>Begins an event of numbers; <see cref="Scalar"/> adds to it, <see cref="End"/> ends it.</summary>
    public EventFile Begin(long step)
    {
        _event.Clear().Double(WallTime, Now).Number(Step, step);
        _summary.Clear();
        return this;
    }

    /// <summary>One number of the event.</summary>
    public EventFile Scalar(string tag, double value)
    {
        _summary.Message(1, _value.Clear().Text(Tag, tag).Float(SimpleValue, (float)value));
        return this;
    }

    /// <summary>A text of the event as the text plugin shows it, letter by letter: TensorBoard reads Markdown, and four spaces make it code.</summary>
    public EventFile Text(string tag, string text)
    {
        string code = "    " + text.ReplaceLineEndings("\n").Replace("\n", "\n    ", StringComparison.Ordinal);
        ProtoWriter plugin = new ProtoWriter().Text(1, "text").Text(2, string.Empty);
        ProtoWriter shape = new ProtoWriter().Message(2, new ProtoWriter().Number(1, 1));
        ProtoWriter tensor = new ProtoWriter().Number(1, DtString).Message(2, shape).Text(8, code);
        _summary.Message(1, _value.Clear().Text(Tag, tag + "/text_summary").Message(Tensor, tensor).Message(Metadata, new ProtoWriter().Message(1, plugin)));
        return this;
    }

    /// <summary>Ends the event.</summary>
    public void End()
    {
        Append(_event.Message(Summary, _summary));
        if (_records.WrittenCount > BufferedBytes / 2)
        {
            Flush();
        }
    }

    /// <summary>Hands the records to the operating system.</summary>
    public void Flush()
    {
        _file.Write(_records.WrittenSpan);
        _records.ResetWrittenCount();
    }

    /// <summary>Flushes and closes.</summary>
    public void Dispose()
    {
        Flush();
        _file.Dispose();
    }

    /// <summary>The checksum of a record: CRC-32C, rotated and shifted, so that the checksum of data with checksums is not a special value.</summary>
    internal static uint MaskedCrc(ReadOnlySpan<byte> bytes)
    {
        uint crc = TokenShardHeader.Crc(0, bytes);
        return ((crc >> 15) | (crc << 17)) + 0xA282EAD8;
    }

    private static double Now => (DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds;

    private static long StampOf(string path) =>
        long.TryParse(Path.GetFileName(path)[Prefix.Length..].Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out long stamp) && stamp < long.MaxValue ? stamp : 0;

    private void Append(ProtoWriter message)
    {
        ReadOnlySpan<byte> data = message.Written;
        int head = sizeof(ulong) + sizeof(uint);
        Span<byte> record = _records.GetSpan(head + data.Length + sizeof(uint));
        BinaryPrimitives.WriteInt64LittleEndian(record, data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record[sizeof(ulong)..], MaskedCrc(record[..sizeof(ulong)]));
        data.CopyTo(record[head..]);
        BinaryPrimitives.WriteUInt32LittleEndian(record[(head + data.Length)..], MaskedCrc(data));
        _records.Advance(head + data.Length + sizeof(uint));
    }
}
