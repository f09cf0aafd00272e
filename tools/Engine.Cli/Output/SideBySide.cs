namespace Engine.Cli.Output;

/// <summary>Two texts in two columns; long lines go on in the next row.</summary>
internal static class SideBySide
{
    private const string Gap = "  |  ";

    /// <summary>Writes the columns, together <paramref name="width"/> characters wide.</summary>
    public static void Write(TextWriter output, string left, string right, int width)
    {
        int column = Math.Max(20, (width - Gap.Length) / 2);
        string[] a = [.. Wrap(left, column)];
        string[] b = [.. Wrap(right, column)];
        for (int i = 0; i < Math.Max(a.Length, b.Length); i++)
        {
            string l = i < a.Length ? a[i] : string.Empty;
            string r = i < b.Length ? b[i] : string.Empty;
            output.WriteLine($"{l.PadRight(column)}{Gap}{r}".TrimEnd());
        }
    }

    private static IEnumerable<string> Wrap(string text, int width)
    {
        foreach (string line in text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n'))
        {
            string rest = line;
            while (rest.Length > width)
            {
                // At the last space that leaves something on this row, else in the middle of a word.
                int end = rest.LastIndexOf(' ', width - 1);
                end = end > width / 2 ? end + 1 : width;
                yield return rest[..end];
                rest = "        " + rest[end..];
            }

            yield return rest;
        }
    }
}
