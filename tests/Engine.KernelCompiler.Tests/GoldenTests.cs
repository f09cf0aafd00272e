using Engine.KernelLanguage;
using Engine.Testing;
using Xunit;

namespace Engine.KernelCompiler.Tests;

/// <summary>
/// The device text of every kernel and table of functions, as files that a change of the printer or of a kernel shows the
/// difference of. <c>ENGINE_REWRITE_GOLDEN=1</c> rewrites them; look at the difference before you commit it.
/// </summary>
public sealed class GoldenTests
{
    private const string Variable = "ENGINE_REWRITE_GOLDEN";

    private static readonly string Folder = Path.Combine(Fixture.RepositoryRoot, "tests", "Engine.KernelCompiler.Tests", "Golden");

    private static readonly Dictionary<string, string> Texts = AllTexts().ToDictionary(StringComparer.Ordinal);

    public static TheoryData<string> Names => [.. Texts.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Text_is_what_the_golden_file_says(string name)
    {
        string path = Path.Combine(Folder, name);
        if (Environment.GetEnvironmentVariable(Variable) == "1")
        {
            File.WriteAllText(path, Texts[name]);
        }

        Assert.True(File.Exists(path), $"{name} is missing: run the tests with {Variable}=1 and look at what it wrote");
        Assert.Equal(File.ReadAllText(path), Texts[name]);
    }

    [Fact]
    public void No_golden_file_is_left_over() =>
        Assert.Empty(Directory.EnumerateFiles(Folder).Select(Path.GetFileName).Except(Texts.Keys));

    // One instance of each kernel shows its text; the tables that other instances fill in have files of their own.
    private static IEnumerable<KeyValuePair<string, string>> AllTexts()
    {
        foreach (KernelDescriptor kernel in KernelInstances.Names.DistinctBy(n => n.Split('<')[0]).Select(KernelInstances.Named))
        {
            KernelSource source = kernel.Source ?? throw new InvalidOperationException($"{kernel.Name} has no device text");
            yield return new(source.Name + ".cu", Print(kernel, source, Dialect.Cuda));
            yield return new(source.Name + ".cl", Print(kernel, source, Dialect.OpenCl));
        }

        foreach (IGrouping<string, DeviceFunctions> role in KernelInstances.Tables.GroupBy(t => t.Role, t => t.Functions))
        {
            yield return new($"Tables.{role.Key}.cu", string.Join('\n', role.Select(t => Print(t, Dialect.Cuda))));
            yield return new($"Tables.{role.Key}.cl", string.Join('\n', role.Select(t => Print(t, Dialect.OpenCl))));
        }
    }

    private static string Print(KernelDescriptor kernel, KernelSource source, Dialect dialect) =>
        $"// {kernel.Name}\n\n{source.Print(dialect, lines: false).TrimEnd()}\n";

    private static string Print(DeviceFunctions table, Dialect dialect)
    {
        KernelSource source = new(table.Name, string.Empty, 0, [], table.Declarations, []);
        return $"// {table.Name}\n\n{source.Print(dialect, lines: false).TrimEnd()}\n";
    }
}
