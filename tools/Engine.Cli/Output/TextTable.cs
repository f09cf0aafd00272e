namespace Engine.Cli.Output;

/// <summary>Columns of text, each as wide as its widest cell; columns of numbers stand to the right.</summary>
internal static class TextTable
{
    /// <summary>Writes rows below a head.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="head">Names of columns; those that begin with &gt; stand to the right.</param>
    /// <param name="rows">As many cells each.</param>
    public static void Write(TextWriter output, IReadOnlyList<string> head, IEnumerable<string[]> rows)
    {
        string[][] all = [[.. head.Select(h => h.TrimStart('>'))], .. rows];
        int[] widths = [.. head.Select((_, i) => all.Max(row => row[i].Length))];
        foreach (string[] row in all)
        {
            output.Write(string.Join("  ", row.Select((cell, i) => head[i].StartsWith('>') ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]))).TrimEnd() + "\n");
        }
    }
}
