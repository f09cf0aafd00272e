using System.Reflection;
using System.Xml.Linq;
using Xunit;

namespace Engine.Architecture.Tests;

/// <summary>What the build promises for every project, and no project may take back.</summary>
public sealed class BuildTests
{
    private static readonly string[] Promises =
        ["TreatWarningsAsErrors", "Nullable", "Deterministic", "EnforceCodeStyleInBuild", "GenerateDocumentationFile", "AnalysisLevel"];

    public static TheoryData<string> Everything => [.. Projects.Files];

    public static TheoryData<string> Shipped => [.. Projects.Shipped.Select(p => p.Name)];

    [Fact]
    public void Warnings_are_errors_everywhere()
    {
        XElement common = XDocument.Load(Path.Combine(Projects.Root, "Directory.Build.props")).Descendants("PropertyGroup").First();
        Assert.Null(common.Attribute("Condition"));
        Assert.Equal("true", common.Element("TreatWarningsAsErrors")?.Value);
        Assert.Contains("CS8785", common.Element("WarningsAsErrors")?.Value, StringComparison.Ordinal); // a generator that failed
        Assert.Equal("enable", common.Element("Nullable")?.Value);
        Assert.Equal("true", common.Element("GenerateDocumentationFile")?.Value);
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public void No_project_takes_a_promise_back(string project)
    {
        XDocument xml = XDocument.Load(Path.Combine(Projects.Root, project));
        Assert.Empty(xml.Descendants().Select(e => e.Name.LocalName).Intersect([.. Promises, "WarningsNotAsErrors", "IsAotCompatible"]));
        Assert.Empty(xml.Descendants("PackageReference").Attributes("Version"));
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public void Every_project_is_in_the_solution(string project) =>
        Assert.Contains(project, File.ReadAllText(Path.Combine(Projects.Root, "Engine.sln")).Replace('\\', '/'), StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Shipped))]
    public void What_ships_compiles_ahead_of_time(string name) =>
        Assert.Contains(
            Projects.Of(name).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>(),
            metadata => metadata is { Key: "IsAotCompatible" or "IsTrimmable", Value: "True" });
}
