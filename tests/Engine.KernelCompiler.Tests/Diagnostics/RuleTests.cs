using System.Reflection;
using Engine.Testing;
using Microsoft.CodeAnalysis;
using Xunit;

namespace Engine.KernelCompiler.Tests;

/// <summary>Every rule refuses what it names, at the exact place, and lets the way out that it offers pass.</summary>
public sealed class RuleTests
{
    private static readonly Dictionary<string, RuleCase> All = typeof(RuleTests).Assembly.GetTypes()
        .Where(t => t.IsClass && t.GetInterfaces().Contains(typeof(IRuleCases)))
        .SelectMany(t => (IEnumerable<RuleCase>)t.GetProperty(nameof(IRuleCases.Cases), BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!)
        .ToDictionary(c => c.ToString());

    public static TheoryData<string> Cases => [.. All.Keys];

    public static TheoryData<string> Ids => [.. Rules.All.Select(r => r.Id)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_wrong_is_refused_where_it_stands(string name)
    {
        RuleCase rule = All[name];
        Marked marked = Marked.Parse(rule.Wrong);
        Result result = Compiler.Run(marked.Text);
        Assert.Null(result.Run.Exception);
        Diagnostic finding = Assert.Single(result.Findings);
        Assert.Equal(
            (rule.Id, marked.Span, marked.Start), (finding.Id, marked.Text.Substring(finding.Location.SourceSpan.Start, finding.Location.SourceSpan.Length), finding.Location.SourceSpan.Start));
        Assert.Equal("Kernel.cs", finding.Location.GetLineSpan().Path);

        // A kernel that cannot be translated gets no text, yet its project goes on compiling: one error, not two.
        Assert.DoesNotContain("KernelSource(", result.Generated, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_way_out_is_translated(string name)
    {
        Result result = Compiler.Run(All[name].Right);
        Assert.Null(result.Run.Exception);
        Assert.Empty(result.Findings);
        Assert.Empty(result.Errors);
        Assert.Contains("KernelSource(", result.Generated, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Every_rule_has_a_case_and_a_line_in_the_documentation(string id)
    {
        Assert.Contains(All.Values, c => c.Id == id);
        string root = Fixture.RepositoryRoot;
        Assert.Contains($"| {id} |", File.ReadAllText(Path.Combine(root, "kernels", "README.md")), StringComparison.Ordinal);
        string releases = string.Concat(Directory.EnumerateFiles(Path.Combine(root, "src", "Engine.KernelCompiler"), "AnalyzerReleases.*.md").Select(File.ReadAllText));
        Assert.Contains($"\n{id} | Engine.Kernels | Error | {Rules.Get(id).Title}", releases, StringComparison.Ordinal);
    }

    [Fact]
    public void Messages_say_what_to_do_instead() =>
        Assert.All(Rules.All, rule =>
        {
            string message = rule.MessageFormat.ToString();
            Assert.Contains(':', message);
            Assert.DoesNotContain(Environment.NewLine, message, StringComparison.Ordinal);
            Assert.Equal(DiagnosticSeverity.Error, rule.DefaultSeverity);
        });
}
