using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Engine.Serialization;

/// <summary>One file in a zip archive.</summary>
/// <param name="Name">Its path in the archive.</param>
/// <param name="Start">Where its bytes begin.</param>
/// <param name="Packed">How many they are.</param>
/// <param name="Size">How many they are when unpacked.</param>
/// <param name="Deflated">Whether they are packed at all.</param>
internal sealed record ZipMember(string Name, long Start, long Packed, long Size, bool Deflated);

/// <summary>
/// The directory of a zip archive (PKWARE APPNOTE 6.3), with the places of its files, so that what is stored plainly is read where it lies.
/// Archives of several disks and encrypted files are refused.
/// </summary>
internal static class ZipDirectory
{
    private const uint LocalHeader = 0x04034B50;
    private const uint CentralHeader = 0x02014B50;
    private const uint End = 0x06054B50;
    private const uint End64 = 0x06064B50;
    private const uint Locator64 = 0x07064B50;
    private const int EndBytes = 22;
    private const int Locator64Bytes = 20;
    private const int CentralBytes = 46;
    private const int LocalBytes = 30;

    /// <summary>Whether a file begins as a zip archive does.</summary>
    public static bool IsZip(BoundedFile file) => file.Length >= EndBytes && new FileCursor(file, 0, 4).Read<uint>() == LocalHeader;

    /// <summary>The files by their paths.</summary>
    /// <exception cref="FormatException">It is no valid archive; says why.</exception>
    public static Dictionary<string, ZipMember> Read(BoundedFile file)
    {
        (long count, long start) = FindDirectory(file);
        FileCursor cursor = new(file, start, file.Length);
        _ = cursor.Checked((ulong)count, "the number of files", CentralBytes);
        Dictionary<string, ZipMember> members = new(StringComparer.Ordinal);
        for (long i = 0; i < count; i++)
        {
            ZipMember member = ReadMember(file, cursor);
            if (!members.TryAdd(member.Name, member))
            {
                throw cursor.Fault($"the archive has {member.Name} twice");
            }
        }

        return members;
    }

    /// <summary>The bytes of a file, front to back.</summary>
    public static Stream Open(BoundedFile file, ZipMember member)
    {
        FileRange packed = new(file, member.Name, member.Start, member.Packed);
        return member.Deflated ? new DeflateStream(packed, CompressionMode.Decompress) : packed;
    }

    // The last record of the file, behind which there may be a comment of up to 64 KiB.
    private static (long Count, long Start) FindDirectory(BoundedFile file)
    {
        byte[] tail = new byte[Math.Min(file.Length, EndBytes + ushort.MaxValue)];
        file.Read(file.Length - tail.Length, tail);
        for (int place = tail.Length - EndBytes; place >= 0; place--)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(place)) != End)
            {
                continue;
            }

            long at = file.Length - tail.Length + place;
            FileCursor cursor = new(file, at + sizeof(uint), at + EndBytes);
            (ushort disk, ushort startDisk, ushort here, ushort count) = (cursor.Read<ushort>(), cursor.Read<ushort>(), cursor.Read<ushort>(), cursor.Read<ushort>());
            (_, uint start) = (cursor.Read<uint>(), cursor.Read<uint>());
            if (disk != 0 || startDisk != 0 || here != count)
            {
                throw cursor.Fault("the archive has several disks");
            }

            return count == ushort.MaxValue || start == uint.MaxValue ? FindDirectory64(file, at - Locator64Bytes) : (count, start);
        }

        throw new FormatException("it has no directory of a zip archive");
    }

    private static (long Count, long Start) FindDirectory64(BoundedFile file, long locator)
    {
        FileCursor cursor = new(file, Math.Max(0, locator), Math.Max(0, locator) + Locator64Bytes);
        bool found = cursor.Read<uint>() == Locator64;
        cursor.Skip(4, "the locator");
        long at = cursor.Read<long>();
        if (!found || at < 0 || at >= locator)
        {
            throw cursor.Fault("the archive's 64-bit directory is not where it should be");
        }

        FileCursor end = new(file, at, file.Length);
        if (end.Read<uint>() != End64)
        {
            throw end.Fault("the archive's 64-bit directory is not where it should be");
        }

        end.Skip(20, "the directory's end");
        (_, long count) = (end.Read<long>(), end.Read<long>());
        end.Skip(8, "the directory's end");
        return (count, end.Read<long>());
    }

    private static ZipMember ReadMember(BoundedFile file, FileCursor cursor)
    {
        if (cursor.Read<uint>() != CentralHeader)
        {
            throw cursor.Fault("an entry of the archive's directory is expected here");
        }

        cursor.Skip(4, "versions");
        (ushort flags, ushort method) = (cursor.Read<ushort>(), cursor.Read<ushort>());
        cursor.Skip(8, "time and checksum");
        (long packed, long size) = (cursor.Read<uint>(), cursor.Read<uint>());
        (ushort nameBytes, ushort extraBytes, ushort commentBytes) = (cursor.Read<ushort>(), cursor.Read<ushort>(), cursor.Read<ushort>());
        cursor.Skip(8, "attributes");
        long header = cursor.Read<uint>();
        string name = Encoding.UTF8.GetString(cursor.Bytes(nameBytes, "a name"));
        long extraEnd = cursor.Position + extraBytes;
        while (cursor.Position < extraEnd - 3)
        {
            (ushort id, ushort bytes) = (cursor.Read<ushort>(), cursor.Read<ushort>());
            long next = cursor.Position + bytes;
            if (id == 1)
            {
                // The 64-bit numbers of those that do not fit, in this order.
                size = size == uint.MaxValue ? cursor.Read<long>() : size;
                packed = packed == uint.MaxValue ? cursor.Read<long>() : packed;
                header = header == uint.MaxValue ? cursor.Read<long>() : header;
            }

            cursor.Skip(next - cursor.Position, "an extra field");
        }

        cursor.Skip(extraEnd - cursor.Position + commentBytes, "a comment");
        if ((flags & 1) != 0 || method is not (0 or 8))
        {
            throw cursor.Fault($"{name} is encrypted or packed by method {method}; stored and deflated files are read");
        }

        // The local header repeats the name, with extra fields of its own.
        if (header < 0 || header >= file.Length)
        {
            throw cursor.Fault($"{name} should begin at byte {header}, but the file has {file.Length}");
        }

        FileCursor local = new(file, header, Math.Min(file.Length, header + LocalBytes));
        if (local.Read<uint>() != LocalHeader)
        {
            throw local.Fault($"the header of {name} is expected here");
        }

        local.Skip(22, "a header");
        long start = header + LocalBytes + local.Read<ushort>() + local.Read<ushort>();
        return packed >= 0 && size >= 0 && packed <= file.Length - start && (method == 8 || packed == size)
            ? new ZipMember(name, start, packed, size, method == 8)
            : throw local.Fault($"{name} claims {packed} bytes, {size} unpacked, but only {file.Length - start} follow");
    }
}
