using System.Globalization;
using System.Text;

namespace Engine.Pretraining.Tokenizers.Normalization;

/// <summary>
/// What Unicode's normalization forms (Standard Annex 15; The Unicode Standard 3.11, 3.12) need to know of characters, from
/// tables inside the library (Unicode 17), because .NET normalizes nothing where globalization is invariant.
/// </summary>
internal static class NormalizationTable
{
    private const int Syllables = 0xAC00;
    private const int Initials = 0x1100;
    private const int Vowels = 0x1161;
    private const int Finals = 0x11A7;
    private const int InitialCount = 19;
    private const int VowelCount = 21;
    private const int FinalCount = 28;
    private static readonly Tables s_tables = Tables.Read();

    /// <summary>Adds the full decomposition of a character.</summary>
    public static void Decompose(int character, bool compatible, List<int> to)
    {
        if (character < 0x80)
        {
            to.Add(character);
        }
        else if (compatible && s_tables.Compatible.TryGetValue(character, out int[]? parts))
        {
            to.AddRange(parts);
        }
        else
        {
            Decompositions.Add(character, to);
        }
    }

    /// <summary>Whether a character can change place with or melt into what stands before it.</summary>
    public static bool DependsOnPrevious(int character) =>
        Class(character) != 0 || character is (>= Vowels and < Vowels + VowelCount) or (> Finals and < Finals + FinalCount) || s_tables.Seconds.Contains(character);

    /// <summary>The canonical order: marks by their combining class, those of the same class as they came.</summary>
    public static void Order(List<int> characters)
    {
        for (int i = 1; i < characters.Count; i++)
        {
            int moving = characters[i];
            int own = Class(moving);
            int to = i;
            while (own != 0 && to > 0 && Class(characters[to - 1]) > own)
            {
                characters[to] = characters[to - 1];
                to--;
            }

            characters[to] = moving;
        }
    }

    /// <summary>Composes what is decomposed and in order.</summary>
    public static void Compose(List<int> characters)
    {
        int starter = -1;
        int last = 0;
        int count = 0;
        for (int i = 0; i < characters.Count; i++)
        {
            int character = characters[i];
            int own = Class(character);

            // Blocked: something of the same or a higher class stands in between, or a starter does.
            bool free = starter >= 0 && (count == starter + 1 || (last < own && last != 0));
            if (free && Pair(characters[starter], character) is int made)
            {
                characters[starter] = made;
                continue;
            }

            if (own == 0)
            {
                starter = count;
            }

            last = own;
            characters[count++] = character;
        }

        characters.RemoveRange(count, characters.Count - count);
    }

    private static int Class(int character) => s_tables.Classes.GetValueOrDefault(character);

    private static int? Pair(int first, int second)
    {
        if (first is >= Initials and < Initials + InitialCount && second is >= Vowels and < Vowels + VowelCount)
        {
            return Syllables + ((((first - Initials) * VowelCount) + second - Vowels) * FinalCount);
        }

        if (first is >= Syllables and < Syllables + (InitialCount * VowelCount * FinalCount) && (first - Syllables) % FinalCount == 0
            && second is > Finals and < Finals + FinalCount)
        {
            return first + second - Finals;
        }

        return s_tables.Pairs.TryGetValue((first, second), out int made) ? made : null;
    }

    private sealed record Tables(
        Dictionary<int, int[]> Compatible, Dictionary<int, int> Classes, Dictionary<(int First, int Second), int> Pairs, HashSet<int> Seconds)
    {
        /// <summary>
        /// Lines: <c>K character decomposition…</c> where the compatible one differs from the canonical; <c>X character</c> for
        /// those that are never composed; <c>C first last class</c>, all hexadecimal. Pairs follow from decompositions.
        /// </summary>
        public static Tables Read()
        {
            Tables tables = new([], [], [], []);
            HashSet<int> apart = [];
            using Stream stream = typeof(NormalizationTable).Assembly.GetManifestResourceStream("normalization.txt")
                ?? throw new InvalidOperationException("The table of normalization is missing from the assembly.");
            using StreamReader reader = new(stream, Encoding.ASCII);
            while (reader.ReadLine() is string line)
            {
                int[] numbers = Array.ConvertAll(line[2..].Split(' '), c => int.Parse(c, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                switch (line[0])
                {
                    case 'K':
                        tables.Compatible.Add(numbers[0], numbers[1..]);
                        break;
                    case 'X':
                        apart.Add(numbers[0]);
                        break;
                    default:
                        for (int character = numbers[0]; character <= numbers[1]; character++)
                        {
                            tables.Classes.Add(character, numbers[2]);
                        }

                        break;
                }
            }

            Dictionary<string, int> whole = [];
            foreach ((int character, int[] parts) in Decompositions.All.Where(d => d.Value.Length > 1 && !apart.Contains(d.Key)))
            {
                whole[string.Join(' ', parts)] = character;
            }

            foreach ((int character, int[] parts) in Decompositions.All.Where(d => d.Value.Length > 1 && !apart.Contains(d.Key)))
            {
                // A composite of three is a composite of two and one more.
                int first = parts.Length == 2 ? parts[0] : whole[string.Join(' ', parts[..^1])];
                tables.Pairs.Add((first, parts[^1]), character);
                tables.Seconds.Add(parts[^1]);
            }

            return tables;
        }
    }
}
