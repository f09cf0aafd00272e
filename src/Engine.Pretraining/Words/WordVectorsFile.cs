using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Engine.Serialization;

namespace Engine.Pretraining.Words;

/// <summary>
/// Files of word vectors as word2vec.c writes them. Both begin with a line "V D". Text: one line a word, the word and its numbers
/// separated by blanks; GloVe's files are the same without the first line and can be read too. Binary: the word, a blank, D little-endian float32, a line end.
/// </summary>
public static class WordVectorsFile
{
    // Bounds what a broken file can make the reader ask for.
    private const int LongestWord = 10_000;

    /// <summary>Writes a file whole or not at all. Text has as many digits as it takes to read the same numbers back.</summary>
    /// <exception cref="EngineException">The file cannot be written, or a word is empty or has a blank in it.</exception>
    public static void Write(string path, WordVectors vectors, bool binary = false)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        string? bad = vectors.Words.FirstOrDefault(w => w.Length == 0 || w.AsSpan().IndexOfAny(" \t\r\n") >= 0);
        if (bad is not null)
        {
            throw new EngineException($"{path}: the word '{bad}' cannot be written: words may be neither empty nor hold blanks.");
        }

        AtomicFile.Write(path, stream =>
        {
            stream.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{vectors.Words.Count} {vectors.Size}\n")));
            StringBuilder line = new();
            byte[] numbers = new byte[vectors.Size * sizeof(float)];
            for (int i = 0; i < vectors.Words.Count; i++)
            {
                line.Clear().Append(vectors.Words[i]).Append(binary ? " " : string.Empty);
                for (int k = 0; k < vectors.Size; k++)
                {
                    BinaryPrimitives.WriteSingleLittleEndian(numbers.AsSpan(k * sizeof(float)), vectors[i][k]);
                    line.Append(binary ? null : string.Create(CultureInfo.InvariantCulture, $" {vectors[i][k]}"));
                }

                stream.Write(Encoding.UTF8.GetBytes(line.Append(binary ? string.Empty : "\n").ToString()));
                stream.Write(binary ? [.. numbers, (byte)'\n'] : []);
            }
        });
    }

    /// <summary>Reads a file of either form; which one it is shows behind the first word.</summary>
    /// <param name="path">The file.</param>
    /// <param name="most">Reads only the first so many words.</param>
    /// <exception cref="EngineException">The file is missing, unreadable or not of these forms; names it and the place.</exception>
    public static WordVectors Read(string path, int most = int.MaxValue)
    {
        try
        {
            return Parse(path, File.ReadAllBytes(path), most);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"{path}: the word vectors cannot be read: {e.Message}", e);
        }
    }

    internal static WordVectors Parse(string path, byte[] bytes, int most = int.MaxValue)
    {
        ReadOnlySpan<byte> rest = bytes;
        string[] first = Fields(path, Line(path, ref rest), 1);
        bool header = first.Length == 2;
        if (!header)
        {
            return Text(path, bytes, first.Length - 1, int.MaxValue, most, 1);
        }

        if (!int.TryParse(first[0], NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            || !int.TryParse(first[1], NumberStyles.None, CultureInfo.InvariantCulture, out int size) || count < 1 || size < 1)
        {
            throw new EngineException($"{path}: line 1 is '{first[0]} {first[1]}'; expected the number of words and the length of their vectors.");
        }

        return IsText(rest, size) ? Text(path, rest, size, count, most, 2) : Binary(path, bytes, rest, count, size, most);
    }

    // A line of text has exactly D numbers behind its word.
    private static bool IsText(ReadOnlySpan<byte> rest, int size)
    {
        int end = rest.IndexOf((byte)'\n');
        string[] fields = Encoding.UTF8.GetString(end < 0 ? rest : rest[..end]).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length == size + 1 && fields[1..].All(f => float.TryParse(f.TrimEnd('\r'), CultureInfo.InvariantCulture, out _));
    }

    private static WordVectors Text(string path, ReadOnlySpan<byte> rest, int size, int count, int most, int line)
    {
        List<string> words = [];
        List<float> values = [];
        for (; !rest.IsEmpty && words.Count < Math.Min(count, most); line++)
        {
            string[] fields = Fields(path, Line(path, ref rest), line);
            if (fields.Length != size + 1)
            {
                throw new EngineException($"{path}: line {line} has {fields.Length - 1} numbers behind its word; expected {size}.");
            }

            words.Add(fields[0]);
            foreach (string field in fields.AsSpan(1))
            {
                values.Add(float.TryParse(field, CultureInfo.InvariantCulture, out float x) && float.IsFinite(x)
                    ? x
                    : throw new EngineException($"{path}: line {line}: '{field}' is not a number."));
            }
        }

        return Vectors(path, words, [.. values], count, most);
    }

    private static WordVectors Binary(string path, byte[] bytes, ReadOnlySpan<byte> rest, int count, int size, int most)
    {
        List<string> words = [];
        List<float> values = [];
        while (words.Count < Math.Min(count, most))
        {
            rest = rest.TrimStart((byte)'\n');
            int blank = rest[..Math.Min(rest.Length, LongestWord)].IndexOf((byte)' ');
            long at = bytes.Length - rest.Length;
            if (blank < 1 || (long)size * sizeof(float) > rest.Length - blank - 1)
            {
                throw new EngineException($"{path}: ends inside word {words.Count + 1} of {count}, at byte {at}; expected a word, a blank and {size} numbers of four bytes.");
            }

            words.Add(Encoding.UTF8.GetString(rest[..blank]));
            for (int k = 0; k < size; k++)
            {
                float x = BinaryPrimitives.ReadSingleLittleEndian(rest[(blank + 1 + (k * sizeof(float)))..]);
                values.Add(float.IsFinite(x) ? x : throw new EngineException($"{path}: number {k + 1} of '{words[^1]}', at byte {at}, is not finite."));
            }

            rest = rest[(blank + 1 + (size * sizeof(float)))..];
        }

        return Vectors(path, words, [.. values], count, most);
    }

    private static WordVectors Vectors(string path, List<string> words, float[] values, int count, int most)
    {
        if (words.Count == 0 || (count < int.MaxValue && words.Count < Math.Min(count, most)))
        {
            throw new EngineException($"{path}: has {words.Count} words{(count < int.MaxValue ? $"; its first line says {count}" : string.Empty)}.");
        }

        try
        {
            return new WordVectors(words, values);
        }
        catch (EngineException e)
        {
            throw new EngineException($"{path}: {e.Message}", e);
        }
    }

    private static ReadOnlySpan<byte> Line(string path, ref ReadOnlySpan<byte> rest)
    {
        int end = rest.IndexOf((byte)'\n');
        ReadOnlySpan<byte> line = end < 0 ? rest : rest[..end];
        rest = end < 0 ? [] : rest[(end + 1)..];
        return line.IsEmpty && rest.IsEmpty ? throw new EngineException($"{path}: has no word vectors.") : line;
    }

    private static string[] Fields(string path, ReadOnlySpan<byte> line, int number)
    {
        string[] fields = Encoding.UTF8.GetString(line).Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
        return fields.Length >= 2 ? fields : throw new EngineException($"{path}: line {number} has no numbers; expected a word and its vector.");
    }
}
