using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Engine.Serialization;

/// <summary>
/// The head of NumPy's .npy format (numpy/lib/format.py): magic, version, length, and a Python dictionary of type, order and shape. Little-endian
/// numbers in C order are read.
/// </summary>
internal static partial class NpyHeader
{
    private const int MaxBytes = 1 << 16;
    private const int Alignment = 64;

    /// <summary>Reads the head of a stream and stops where the data begins.</summary>
    /// <param name="stream">The array's bytes.</param>
    /// <param name="name">Its name.</param>
    /// <param name="bytes">The bytes of the head.</param>
    /// <returns>The tensor, its data from 0 on.</returns>
    /// <exception cref="FormatException">It is no such head, or of something that is not read.</exception>
    public static WeightEntry Read(Stream stream, string name, out int bytes)
    {
        byte[] start = Take(stream, name, 8);
        if (start[0] != 0x93 || !start.AsSpan(1, 5).SequenceEqual("NUMPY"u8))
        {
            throw new FormatException($"{name} does not begin as a .npy file");
        }

        byte[] prefix = Take(stream, name, start[6] == 1 ? 2 : 4);
        int length = prefix.Length == 2 ? BitConverter.ToUInt16(prefix) : (int)Math.Min(BitConverter.ToUInt32(prefix), int.MaxValue);
        if (start[6] is < 1 or > 3 || length > MaxBytes)
        {
            throw new FormatException($"{name} has a .npy head of version {start[6]} and {length} bytes; expected 1 to 3 and at most {MaxBytes}");
        }

        bytes = start.Length + prefix.Length + length;
        string text = Encoding.Latin1.GetString(Take(stream, name, length));
        Match match = Form().Match(text);
        string? dtype = match.Success ? TypeOf(match.Groups["type"].Value) : null;
        if (dtype is null || match.Groups["order"].Value == "True")
        {
            throw new FormatException($"{name} is {text.Trim()}; little-endian numbers in C order are read");
        }

        long[] shape = [.. match.Groups["shape"].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(part => long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out long size) ? size : -1)];
        WeightEntry entry = new(name, dtype, shape, 0, 0);
        return shape.Contains(-1) || entry.Bytes < 0 ? throw new FormatException($"{name} is {text.Trim()}, larger than any file") : entry with { End = entry.Bytes };
    }

    /// <summary>Writes a head, version 1, padded so that the data behind it is aligned.</summary>
    public static byte[] Write(Tensor x)
    {
        string type = x.DType switch { DType.Float32 => "<f4", DType.Float16 => "<f2", _ => "<i4" };
        string shape = string.Concat(x.Shape.Span.ToArray().Select(s => string.Create(CultureInfo.InvariantCulture, $"{s}, ")));
        string text = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({(x.Rank == 1 ? shape.TrimEnd() : shape.TrimEnd(',', ' '))}), }}";
        int total = (10 + text.Length + Alignment) / Alignment * Alignment;
        return [0x93, .. "NUMPY"u8, 1, 0, .. BitConverter.GetBytes((ushort)(total - 10)), .. Encoding.ASCII.GetBytes(text.PadRight(total - 11)), (byte)'\n'];
    }

    private static string? TypeOf(string descr) => descr switch
    {
        "<f8" => "F64",
        "<f4" => "F32",
        "<f2" => "F16",
        "<i8" => "I64",
        "<u8" => "U64",
        "<i4" => "I32",
        "<u4" => "U32",
        "<i2" => "I16",
        "<u2" => "U16",
        "|i1" => "I8",
        "|u1" => "U8",
        "|b1" => "BOOL",
        _ => null,
    };

    private static byte[] Take(Stream stream, string name, int count)
    {
        byte[] bytes = new byte[count];
        return stream.ReadAtLeast(bytes, count, throwOnEndOfStream: false) == count ? bytes : throw new FormatException($"{name} ends within its .npy head");
    }

    [GeneratedRegex(@"^\s*\{\s*'descr'\s*:\s*'(?<type>[^']{1,8})'\s*,\s*'fortran_order'\s*:\s*(?<order>True|False)\s*,\s*'shape'\s*:\s*\((?<shape>[\d, ]{0,400})\)\s*,?\s*\}\s*$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Form();
}
