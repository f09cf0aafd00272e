using System.Collections;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace Engine.KernelCompiler.Tests;

/// <summary>An edit makes the generator write what it changes and nothing else, and no old compilation is kept alive.</summary>
public sealed class IncrementalTests
{
    private const string Kernels = """
        [Kernel] public readonly partial record struct First(View<float> x) : IKernel { public void Execute(in Block b) { x[0] = Helpers.Used(1f); } }
        [Kernel] public readonly partial record struct Second(View<float> x) : IKernel { public void Execute(in Block b) { x[0] = Helpers.Other(1f); } }
        [Kernel] public readonly partial record struct Third<F>(View<float> x) : IKernel where F : unmanaged, IScalar { public void Execute(in Block b) { x[0] = F.Of(1f); } }
        """;

    private const string Helpers = """
        public interface IScalar : IDeviceFunctions { static abstract float Of(float x); }
        public readonly partial struct Twice : IScalar { public static float Of(float x) => Helpers.Used(x); }
        public readonly partial struct Same : IScalar { public static float Of(float x) => x; }
        public static class Helpers
        {
            public static float Used(float x) => x * 2f;
            public static float Other(float x) => x + 1f;
        }
        """;

    private const string Elsewhere = "public static class Elsewhere { public static int Count() => 1; }";

    [Fact]
    public void An_edit_elsewhere_changes_no_output()
    {
        Dictionary<string, IncrementalStepRunReason> outputs = Edit("Elsewhere.cs", Elsewhere.Replace("=> 1", "=> 2 + 3", StringComparison.Ordinal));
        Assert.Equal(5, outputs.Count);
        Assert.All(outputs.Values, reason => Assert.True(reason is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged));
    }

    [Fact]
    public void An_edit_above_a_helper_on_its_line_changes_no_output()
    {
        Dictionary<string, IncrementalStepRunReason> outputs = Edit("Elsewhere.cs", "// A comment.\n\n" + Elsewhere);
        Assert.All(outputs.Values, reason => Assert.True(reason is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged));
    }

    [Fact]
    public void An_edit_of_a_helper_changes_the_kernels_and_tables_that_use_it()
    {
        Dictionary<string, IncrementalStepRunReason> outputs = Edit("Helpers.cs", Helpers.Replace("x * 2f", "x * 3f", StringComparison.Ordinal));
        Assert.Equal(
            ["First", "Twice"],
            outputs.Where(o => o.Value is IncrementalStepRunReason.Modified or IncrementalStepRunReason.New).Select(o => o.Key).Order());
    }

    [Fact]
    public void Models_hold_no_symbols_and_no_syntax()
    {
        HashSet<Type> seen = [];
        Visit(typeof(KernelModel), seen);
        Visit(typeof(TableModel), seen);
        Assert.Contains(typeof(Finding), seen);
        Assert.DoesNotContain(seen, t =>
            typeof(ISymbol).IsAssignableFrom(t) || typeof(SyntaxNode).IsAssignableFrom(t) || typeof(SyntaxTree).IsAssignableFrom(t)
            || typeof(Location).IsAssignableFrom(t) || typeof(Compilation).IsAssignableFrom(t) || typeof(IOperation).IsAssignableFrom(t));

        // All of it is compared by value, or every edit would write everything again.
        Assert.All(seen.Where(t => !t.IsEnum), t => Assert.Contains(t.GetInterfaces(), i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IEquatable<>)));
    }

    // What became of each model after a file's text was replaced.
    private static Dictionary<string, IncrementalStepRunReason> Edit(string path, string text)
    {
        CSharpCompilation before = Compiler.Compilation(
            Compiler.Parse(Kernels, "Kernels.cs"), Compiler.Parse(Helpers, "Helpers.cs"), Compiler.Parse(Elsewhere, "Elsewhere.cs"));
        GeneratorDriver driver = Compiler.Driver().RunGenerators(before);
        SyntaxTree old = before.SyntaxTrees.Single(t => t.FilePath == path);
        GeneratorRunResult run = driver.RunGenerators(before.ReplaceSyntaxTree(old, Compiler.Parse(text, path))).GetRunResult().Results[0];
        Assert.Empty(run.Diagnostics);
        return run.TrackedSteps
            .Where(s => s.Key is KernelGenerator.KernelStage or KernelGenerator.TableStage)
            .SelectMany(s => s.Value)
            .SelectMany(step => step.Outputs)
            .ToDictionary(o => o.Value is KernelModel kernel ? kernel.Name : ((TableModel)o.Value).Name, o => o.Reason);
    }

    private static void Visit(Type type, HashSet<Type> seen)
    {
        if (!seen.Add(type) || type.Namespace == "System" || type.IsEnum)
        {
            return;
        }

        if (type.IsGenericType && typeof(IEnumerable).IsAssignableFrom(type))
        {
            Visit(type.GetGenericArguments()[0], seen);
            return;
        }

        foreach (FieldInfo field in type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public))
        {
            Visit(field.FieldType, seen);
        }
    }
}
