using Engine.KernelCompiler;
using Engine.KernelLanguage;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Engine.Benchmarks;

/// <summary>
/// What an edit costs in the editor: the kernel compiler's own time over all kernels of the engine when a file changes that
/// has nothing to do with them, and when one of theirs does. Argument: the folder of the kernels' sources.
/// </summary>
internal static class GeneratorBenchmark
{
    private const int Rounds = 15;

    public static void Run(string[] args)
    {
        string folder = args.Length > 0 ? args[0] : Path.Combine("kernels", "Engine.Kernels");
        CSharpParseOptions options = new(LanguageVersion.Latest);
        SyntaxTree[] trees = [.. Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"))
            .Select(f => CSharpSyntaxTree.ParseText(File.ReadAllText(f), options, f))];
        IEnumerable<string> references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(f => Path.GetFileName(f).StartsWith("System.", StringComparison.Ordinal));
        SyntaxTree other = CSharpSyntaxTree.ParseText("global using System; global using System.Linq; global using System.Collections.Generic;", options, "Usings.cs");
        CSharpCompilation compilation = CSharpCompilation.Create(
            "Kernels",
            trees.Append(other),
            references.Append(typeof(KernelAttribute).Assembly.Location).Select(f => MetadataReference.CreateFromFile(f)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true));

        GeneratorDriver driver = CSharpGeneratorDriver.Create([new KernelGenerator().AsSourceGenerator()], parseOptions: options);
        driver = driver.RunGenerators(compilation);
        GeneratorRunResult first = driver.GetRunResult().Results[0];
        if (first.Exception is not null || first.Diagnostics.Length > 0)
        {
            throw new InvalidOperationException($"the kernels do not translate: {first.Exception} {string.Join('\n', first.Diagnostics)}");
        }

        int files = first.GeneratedSources.Length;
        Console.WriteLine($"{files} kernels and tables, {Environment.ProcessorCount} cores, .NET {Environment.Version}; medians of {Rounds}");
        Console.WriteLine("| edit | ms | ms a kernel or table |\n|---|---|---|");
        Report("cold", driver.GetTimingInfo().GeneratorTimes[0].ElapsedTime.TotalMilliseconds, files);
        SyntaxTree gemm = trees.Single(t => Path.GetFileName(t.FilePath) == "Gemm.cs");
        Report("a file without kernels", Median(ref driver, ref compilation, other), files);
        Report("Gemm.cs", Median(ref driver, ref compilation, gemm), files);
    }

    private static double Median(ref GeneratorDriver driver, ref CSharpCompilation compilation, SyntaxTree edited)
    {
        List<double> times = [];
        string text = edited.ToString();
        for (int i = 0; i < Rounds; i++)
        {
            SyntaxTree next = CSharpSyntaxTree.ParseText($"{text}\n// Edit {i}.\n", (CSharpParseOptions)edited.Options, edited.FilePath);
            compilation = compilation.ReplaceSyntaxTree(edited, next);
            edited = next;
            driver = driver.RunGenerators(compilation);
            times.Add(driver.GetTimingInfo().GeneratorTimes[0].ElapsedTime.TotalMilliseconds);
        }

        times.Sort();
        return times[Rounds / 2];
    }

    private static void Report(string edit, double milliseconds, int files) =>
        Console.WriteLine($"| {edit} | {milliseconds:F0} | {milliseconds / files:F2} |");
}
