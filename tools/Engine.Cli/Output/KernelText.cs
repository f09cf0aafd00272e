namespace Engine.Cli.Output;

/// <summary>The C# text of a kernel, from the sources that travel in its assembly.</summary>
internal static class KernelText
{
    /// <summary>The struct with its documentation, without the rest of its file.</summary>
    public static string Of(KernelDescriptor kernel)
    {
        string file = kernel.Source!.File;
        using Stream stream = typeof(Kernels.MultiplyAdds).Assembly.GetManifestResourceStream(file)
            ?? throw new EngineException($"kernel {kernel.Name}: its assembly does not carry {file}.");
        using StreamReader reader = new(stream);
        string[] lines = reader.ReadToEnd().ReplaceLineEndings("\n").Split('\n');
        int declaration = Array.FindIndex(lines, l => IsDeclaration(l, kernel.Source.Name));
        int first = declaration;
        while (first > 0 && lines[first - 1].Length > 0 && lines[first - 1] != "}")
        {
            first--;
        }

        int last = Array.FindIndex(lines, declaration, l => l == "}");
        return string.Join('\n', lines[first..(last + 1)]) + "\n";
    }

    private static bool IsDeclaration(string line, string kernel)
    {
        const string Head = "partial record struct ";
        int at = line.IndexOf(Head, StringComparison.Ordinal);
        return at >= 0 && line.AsSpan(at + Head.Length).StartsWith(kernel)
            && !char.IsLetterOrDigit(line.AsSpan(at + Head.Length + kernel.Length)[0]);
    }
}
