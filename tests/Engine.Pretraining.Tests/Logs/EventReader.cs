using System.Buffers.Binary;
using Google.Protobuf;
using Xunit;

namespace Engine.Pretraining.Tests.Logs;

/// <summary>One event of an event file.</summary>
internal sealed record LoggedEvent(double WallTime, long Step, string? Version, bool StartsSession, Dictionary<string, float> Scalars, Dictionary<string, string> Texts);

/// <summary>Reads event files as TensorBoard does, with another reader of protobuf and a checksum computed bit by bit.</summary>
internal static class EventReader
{
    /// <summary>All events of a file; every byte must belong to a whole record with right checksums.</summary>
    public static List<LoggedEvent> Read(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        byte[] all = new byte[file.Length];
        file.ReadExactly(all);
        List<LoggedEvent> events = [];
        for (ReadOnlySpan<byte> rest = all; rest.Length > 0;)
        {
            int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(rest);
            Assert.Equal(Masked(rest[..8]), BinaryPrimitives.ReadUInt32LittleEndian(rest[8..]));
            Assert.Equal(Masked(rest.Slice(12, length)), BinaryPrimitives.ReadUInt32LittleEndian(rest[(12 + length)..]));
            events.Add(Event(rest.Slice(12, length).ToArray()));
            rest = rest[(16 + length)..];
        }

        return events;
    }

    /// <summary>All events of a run, without those that a later session replaces.</summary>
    public static List<LoggedEvent> ReadRun(string folder)
    {
        List<LoggedEvent> events = [];
        foreach (string path in Directory.GetFiles(folder, "*tfevents*").Order(StringComparer.Ordinal))
        {
            foreach (LoggedEvent e in Read(path))
            {
                if (e.StartsSession)
                {
                    events.RemoveAll(earlier => earlier.Step >= e.Step);
                }

                events.Add(e);
            }
        }

        return events;
    }

    public static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0x82F63B78);
            }
        }

        return ~crc;
    }

    private static uint Masked(ReadOnlySpan<byte> bytes) => uint.RotateRight(Crc32C(bytes), 15) + 0xA282EAD8;

    private static LoggedEvent Event(byte[] bytes)
    {
        LoggedEvent e = new(0, 0, null, false, [], []);
        foreach ((int field, CodedInputStream input) in Fields(bytes))
        {
            switch (field)
            {
                case 1: e = e with { WallTime = input.ReadDouble() }; break;
                case 2: e = e with { Step = input.ReadInt64() }; break;
                case 3: e = e with { Version = input.ReadString() }; break;
                case 5: Summary(input.ReadBytes().ToByteArray(), e); break;
                case 7:
                    Assert.Equal([8, 1], input.ReadBytes().ToByteArray());
                    e = e with { StartsSession = true };
                    break;
                default: Assert.Fail($"field {field} of an event"); break;
            }
        }

        return e;
    }

    private static void Summary(byte[] bytes, LoggedEvent e)
    {
        foreach ((int field, CodedInputStream input) in Fields(bytes))
        {
            Assert.Equal(1, field);
            string tag = string.Empty;
            byte[] tensor = [], metadata = [];
            float? number = null;
            foreach ((int part, CodedInputStream value) in Fields(input.ReadBytes().ToByteArray()))
            {
                switch (part)
                {
                    case 1: tag = value.ReadString(); break;
                    case 2: number = value.ReadFloat(); break;
                    case 8: tensor = value.ReadBytes().ToByteArray(); break;
                    case 9: metadata = value.ReadBytes().ToByteArray(); break;
                    default: Assert.Fail($"field {part} of a value"); break;
                }
            }

            if (number is { } scalar)
            {
                e.Scalars.Add(tag, scalar);
            }
            else
            {
                // plugin_data { plugin_name: "text" content: "" }
                Assert.Equal([10, 8, 10, 4, .. "text"u8, 18, 0], metadata);
                e.Texts.Add(tag, Text(tensor));
            }
        }
    }

    private static string Text(byte[] tensor)
    {
        string? text = null;
        foreach ((int field, CodedInputStream input) in Fields(tensor))
        {
            switch (field)
            {
                case 1: Assert.Equal(7, input.ReadEnum()); break;
                case 2: Assert.Equal([18, 2, 8, 1], input.ReadBytes().ToByteArray()); break;
                case 8: text = input.ReadString(); break;
                default: Assert.Fail($"field {field} of a tensor"); break;
            }
        }

        return text!;
    }

    private static IEnumerable<(int Field, CodedInputStream Input)> Fields(byte[] bytes)
    {
        CodedInputStream input = new(bytes);
        for (uint tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            yield return ((int)(tag >> 3), input);
        }
    }
}
