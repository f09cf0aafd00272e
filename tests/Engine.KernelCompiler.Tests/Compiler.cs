using System.Collections.Immutable;
using Engine.KernelLanguage;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Engine.KernelCompiler.Tests;

/// <summary>Compiles C# text as a user's project would be: with the kernel language referenced and the generator running.</summary>
internal static class Compiler
{
    public static readonly CSharpParseOptions ParseOptions =
        CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Latest).WithFeatures([new("strict", "")]);

    private const string Usings = "global using System; global using Engine.KernelLanguage;";

    private static readonly ImmutableArray<MetadataReference> s_references =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(p => Path.GetFileName(p).StartsWith("System.", StringComparison.Ordinal) || Path.GetFileName(p) == "netstandard.dll")
            .Append(typeof(KernelAttribute).Assembly.Location)
            .Select(p => MetadataReference.CreateFromFile(p)),
    ];

    public static SyntaxTree Parse(string text, string path = "Kernel.cs") => CSharpSyntaxTree.ParseText(text, ParseOptions, path);

    public static CSharpCompilation Compilation(params IEnumerable<SyntaxTree> trees) => CSharpCompilation.Create(
        "Users",
        trees.Prepend(Parse(Usings, "Usings.cs")),
        s_references,
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));

    public static GeneratorDriver Driver() => CSharpGeneratorDriver.Create(
        [new KernelGenerator().AsSourceGenerator()],
        parseOptions: ParseOptions,
        driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    /// <summary>Runs the generator over the files and compiles the result.</summary>
    public static Result Run(params IEnumerable<SyntaxTree> trees)
    {
        GeneratorRunResult run = Driver()
            .RunGeneratorsAndUpdateCompilation(Compilation(trees), out Compilation whole, out _)
            .GetRunResult().Results[0];
        return new Result(run, whole);
    }

    public static Result Run(string text) => Run(Parse(text));
}

/// <summary>What the generator made of some files.</summary>
/// <param name="Run">Its output.</param>
/// <param name="Compilation">The files together with the output.</param>
internal sealed record Result(GeneratorRunResult Run, Compilation Compilation)
{
    /// <summary>What the generator found wrong.</summary>
    public ImmutableArray<Diagnostic> Findings => Run.Diagnostics;

    /// <summary>What C# finds wrong in the whole.</summary>
    public IEnumerable<Diagnostic> Errors => Compilation.GetDiagnostics().Where(d => d.Severity >= DiagnosticSeverity.Warning);

    /// <summary>The generated files' text.</summary>
    public string Generated => string.Concat(Run.GeneratedSources.Select(s => s.SourceText.ToString()));
}
