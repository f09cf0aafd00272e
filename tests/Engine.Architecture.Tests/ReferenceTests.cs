using System.Runtime.InteropServices;
using Xunit;

namespace Engine.Architecture.Tests;

/// <summary>KernelLanguage ← Kernels ← Engine ← Pretraining ← Cli, and below the command, which also serves, nothing but the framework.</summary>
public sealed class ReferenceTests
{
    public static TheoryData<string> All => [.. Projects.Shipped.Select(p => p.Name)];

    [Theory]
    [MemberData(nameof(All))]
    public void Project_references_are_the_arrows(string name)
    {
        ShippedProject project = Projects.Of(name);
        IEnumerable<string> references = project.Xml.Descendants("ProjectReference")
            .Where(r => r.Attribute("OutputItemType")?.Value != "Analyzer")
            .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')));
        Assert.Equal(project.Sees.Order(), references.Order());
    }

    [Theory]
    [MemberData(nameof(All))]
    public void An_assembly_uses_only_what_lies_below_it(string name)
    {
        ShippedProject project = Projects.Of(name);
        string[] engine = [.. References(project).Where(IsEngine)];
        Assert.Empty(engine.Except(Projects.Shipped.TakeWhile(p => p != project).Select(p => p.Name)));
        Assert.Empty(project.Sees.TakeLast(1).Except(engine));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Only_the_command_uses_packages(string name)
    {
        string[] packages = name == "Engine.Cli" ? ["System.CommandLine", "Spectre.Console"] : [];
        ShippedProject project = Projects.Of(name);
        string framework = RuntimeEnvironment.GetRuntimeDirectory();
        string[] frameworks = name == "Engine.Cli"
            ? [framework, framework.Replace("Microsoft.NETCore.App", "Microsoft.AspNetCore.App", StringComparison.Ordinal)]
            : [framework];
        Assert.Empty(References(project).Where(r => !IsEngine(r) && !frameworks.Any(f => File.Exists(Path.Combine(f, r + ".dll")))).Except(packages));
        Assert.Empty(project.Xml.Descendants("PackageReference").Select(r => r.Attribute("Include")!.Value).Except(packages));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Friends_are_tests_and_benchmarks_only(string name) =>
        Assert.All(
            Projects.Of(name).Xml.Descendants("InternalsVisibleTo").Select(r => r.Attribute("Include")!.Value),
            friend => Assert.True(friend.EndsWith(".Tests", StringComparison.Ordinal) || friend is "Engine.Testing" or "Engine.Benchmarks", friend));

    private static IEnumerable<string> References(ShippedProject project) =>
        project.Assembly.GetReferencedAssemblies().Select(r => r.Name!);

    private static bool IsEngine(string assembly) => assembly.Split('.')[0] == "Engine";
}
