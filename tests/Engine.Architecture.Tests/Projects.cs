using System.Reflection;
using System.Xml.Linq;
using Engine.Testing;

namespace Engine.Architecture.Tests;

/// <summary>A project that ships: its file, its assembly, and the projects it is allowed to see.</summary>
internal sealed record ShippedProject(string Name, string Folder, Assembly Assembly, string[] Sees)
{
    /// <summary>Where the project file lies.</summary>
    public string File => Path.Combine(Projects.Root, Folder, Name, Name + ".csproj");

    /// <summary>The parsed project file.</summary>
    public XDocument Xml => XDocument.Load(File);

    public override string ToString() => Name;
}

/// <summary>The projects, lowest first: each sees only those before it.</summary>
internal static class Projects
{
    public static readonly string Root = Fixture.RepositoryRoot;

    public static readonly ShippedProject[] Shipped =
    [
        new("Engine.KernelLanguage", "src", typeof(KernelLanguage.Block).Assembly, []),
        new("Engine.Kernels", "kernels", typeof(Kernels.Fill<>).Assembly, ["Engine.KernelLanguage"]),
        new("Engine", "src", typeof(Tensor).Assembly, ["Engine.KernelLanguage", "Engine.Kernels"]),
        new("Engine.Pretraining", "src", Assembly.Load("Engine.Pretraining"), ["Engine"]),
        new("Engine.Cli", "tools", Assembly.Load("Engine.Cli"), ["Engine.Pretraining"]),
    ];

    public static ShippedProject Of(string name) => Shipped.Single(p => p.Name == name);

    /// <summary>Every project file of the repository, relative to its root.</summary>
    public static IEnumerable<string> Files => Sources.Files("*.csproj");
}
