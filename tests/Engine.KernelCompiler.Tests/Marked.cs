namespace Engine.KernelCompiler.Tests;

/// <summary>Source text in which <c>[| |]</c> enclose what an error is expected to underline.</summary>
internal sealed record Marked(string Text, int Start, int End)
{
    /// <summary>What is underlined.</summary>
    public string Span => Text[Start..End];

    public static Marked Parse(string text)
    {
        int start = text.IndexOf("[|", StringComparison.Ordinal);
        int end = text.IndexOf("|]", StringComparison.Ordinal) - 2;
        return start < 0 || end < start ? throw new ArgumentException("no [| |] in: " + text)
            : new Marked(text.Replace("[|", string.Empty, StringComparison.Ordinal).Replace("|]", string.Empty, StringComparison.Ordinal), start, end);
    }
}
