using System.Text.RegularExpressions;
using Xunit;

namespace Engine.Architecture.Tests;

/// <summary>Rules that are read from the text of the repository.</summary>
public sealed class SourceRuleTests(ITestOutputHelper output)
{
    private const int MaxLines = 600;
    private const int MaxMedian = 120;

    // Each pattern is split so that this file does not match itself.
    private static readonly (string Files, string Pattern, string Why)[] Forbidden =
    [
        ("*.cs", "#" + "region", "a file that needs folding has more than one idea"),
        ("*.cs", @"\b(TO" + "DO|FIX" + @"ME)\b", "finish it or open an issue"),
        ("*.cs", @"\bGC\." + "Collect", "lifetimes are deterministic"),
        ("*.cs", "NotImplemented" + "Exception", "what is not there is not offered"),
        ("*", @"(?<![\w.~-])/(work|tmp|root|home|Users)/[\w.]", "a path of one developer's machine"),
        ("*", @"\b[A-Z]:\\+Users\\", "a path of one developer's machine"),
    ];

    private static readonly string[] TextExtensions = [".cs", ".csproj", ".props", ".sln", ".md", ".txt", ".json", ".py", ".sh", ".yml", ""];

    public static TheoryData<int> Rules => [.. Enumerable.Range(0, Forbidden.Length)];

    [Fact]
    public void A_file_holds_one_idea()
    {
        (string File, int Lines)[] files = [.. Sources.Files("*.cs").Select(f => (f, Sources.Lines(f).Length)).OrderBy(f => f.Item2)];
        int median = files[files.Length / 2].Lines;
        output.WriteLine($"{files.Length} C# files, median {median} lines, longest {files[^1].Lines} ({files[^1].File})");
        Assert.Empty(files.Where(f => f.Lines > MaxLines).Select(f => $"{f.File}: {f.Lines} lines, at most {MaxLines}"));
        Assert.True(median <= MaxMedian, $"the median file has {median} lines, at most {MaxMedian}");
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void Forbidden_text_is_nowhere(int rule)
    {
        (string files, string pattern, string why) = Forbidden[rule];
        Regex forbidden = new(pattern);
        Assert.Empty(
            from file in Sources.Files(files)
            where TextExtensions.Contains(Path.GetExtension(file)) || Path.GetFileName(file).StartsWith('.')
            where !file.StartsWith("tests/Fixtures/", StringComparison.Ordinal)
            from line in Sources.Lines(file).Select((text, i) => (Text: text, Number: i + 1))
            where forbidden.IsMatch(line.Text)
            select $"{file}:{line.Number}: {why}: {line.Text.Trim()}");
    }
}
