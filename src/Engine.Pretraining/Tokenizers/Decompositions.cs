using System.Globalization;
using System.Text;

namespace Engine.Pretraining.Tokenizers;

/// <summary>
/// Canonical decomposition of characters (Unicode Standard Annex 15), from a table inside the library: .NET normalizes
/// nothing where globalization is invariant, and tokens must not depend on such a setting.
/// </summary>
internal static class Decompositions
{
    private const int HangulFirst = 0xAC00;
    private const int HangulCount = 11172;
    private static readonly Dictionary<int, int[]> s_table = Read();

    /// <summary>The characters that decompose, Hangul syllables left out.</summary>
    public static IReadOnlyDictionary<int, int[]> All => s_table;

    /// <summary>Adds what a character decomposes into, itself if it does not.</summary>
    public static void Add(int character, List<int> to)
    {
        if ((uint)(character - HangulFirst) < HangulCount)
        {
            // Syllables are computed (The Unicode Standard, 3.12): 21 vowels × 28 finals for each initial.
            int syllable = character - HangulFirst;
            to.Add(0x1100 + (syllable / (21 * 28)));
            to.Add(0x1161 + (syllable / 28 % 21));
            if (syllable % 28 != 0)
            {
                to.Add(0x11A7 + (syllable % 28));
            }
        }
        else if (s_table.TryGetValue(character, out int[]? parts))
        {
            to.AddRange(parts);
        }
        else
        {
            to.Add(character);
        }
    }

    /// <summary>As <see cref="Add"/>, leaving out combining marks (category Mn): accents.</summary>
    public static void AddWithoutMarks(int character, List<int> to)
    {
        int first = to.Count;
        Add(character, to);
        int left = first;
        for (int i = first; i < to.Count; i++)
        {
            if (!IsMark(to[i]))
            {
                to[left++] = to[i];
            }
        }

        to.RemoveRange(left, to.Count - left);
    }

    private static bool IsMark(int character) => CharUnicodeInfo.GetUnicodeCategory(character) == UnicodeCategory.NonSpacingMark;

    /// <summary>A line of the table: a character and what it fully decomposes into, hexadecimal (Unicode 17).</summary>
    private static Dictionary<int, int[]> Read()
    {
        using Stream stream = typeof(Decompositions).Assembly.GetManifestResourceStream("decompositions.txt")
            ?? throw new InvalidOperationException("The table of decompositions is missing from the assembly.");
        using StreamReader reader = new(stream, Encoding.ASCII);
        Dictionary<int, int[]> table = [];
        while (reader.ReadLine() is string line)
        {
            int[] characters = Array.ConvertAll(line.Split(' '), c => int.Parse(c, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
            table.Add(characters[0], characters[1..]);
        }

        return table;
    }
}
