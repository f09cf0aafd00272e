using System.Text;

namespace Engine.Pretraining.Tokenizers;

/// <summary>
/// GPT-2's way to write bytes as printable characters in vocabulary files (Radford et al. 2019, encoder.py): printable
/// characters of Latin-1 stand for themselves, the other 68 bytes for U+0100 … in order. A blank is written Ġ.
/// </summary>
internal static class ByteLetters
{
    /// <summary>The bytes in the order of the characters that stand for them: the order of their ids in GPT-2.</summary>
    public static byte[] Order { get; } = [.. Bytes().Where(IsPrintable), .. Bytes().Where(b => !IsPrintable(b))];

    private static readonly char[] s_letters = Letters();
    private static readonly Dictionary<char, byte> s_bytes = Bytes().ToDictionary(b => s_letters[b]);

    /// <summary>Bytes as a vocabulary file writes them.</summary>
    public static string Write(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new(bytes.Length);
        foreach (byte b in bytes)
        {
            text.Append(s_letters[b]);
        }

        return text.ToString();
    }

    /// <summary>The bytes of a token of a vocabulary file; false if a character stands for no byte.</summary>
    public static bool TryRead(string text, out byte[] bytes)
    {
        bytes = new byte[text.Length];
        for (int i = 0; i < text.Length; i++)
        {
            if (!s_bytes.TryGetValue(text[i], out bytes[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static IEnumerable<byte> Bytes() => Enumerable.Range(0, 256).Select(b => (byte)b);

    private static bool IsPrintable(byte b) => b is (>= 0x21 and <= 0x7E) or (>= 0xA1 and <= 0xAC) or >= 0xAE;

    private static char[] Letters()
    {
        char[] letters = new char[256];
        int next = 0x100;
        foreach (byte b in Order)
        {
            letters[b] = IsPrintable(b) ? (char)b : (char)next++;
        }

        return letters;
    }
}
