using Engine.Testing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace Engine.KernelCompiler.Tests;

/// <summary>
/// The generator runs while people type: whatever stands in the file, it does not fail, and it adds no error of its own to
/// code that the C# compiler finds wrong anyway.
/// </summary>
public sealed class RobustnessTests
{
    private const string Head = "[Kernel] public readonly partial record struct K(View<float> x, int n) : IKernel ";

    public static TheoryData<string> Odd =>
    [
        "[Kernel]",
        "[Kernel] public readonly partial record struct",
        "[Kernel] public readonly partial record struct K",
        "[Kernel] public readonly partial record struct K(",
        "[Kernel] public readonly partial record struct K(View<",
        "[Kernel] public readonly partial record struct K(View<float> x) : IKernel { public void Execute(in Block b) => ",
        "[Kernel] public class K { }",
        "[Kernel] public interface K { }",
        "[Kernel] public readonly partial record struct K(View<float> x, Missing y) : IKernel { public void Execute(in Block b) { x[0] = y.Value; } }",
        "[Kernel] public readonly partial record struct K(View<Missing> x) : IKernel { public void Execute(in Block b) { x[0] = default; } }",
        "[Kernel] public readonly partial record struct K() : IKernel { public void Execute(in Block b) { } }",
        "[Kernel(Lanes = )] public readonly partial record struct K() : IKernel { public void Execute(in Block b) { } }",
        "[Kernel(Lanes = \"a\")] public readonly partial record struct K() : IKernel { public void Execute(in Block b) { } }",
        Head + "{ public void Execute(in Block b); }",
        Head + "{ public extern void Execute(in Block b); }",
        Head + "{ public void Execute(in Block b) { x[0] = ; } }",
        Head + "{ public void Execute(in Block b) { x[ } }",
        Head + "{ public void Execute(in Block b) { for (;;) { } } }",
        Head + "{ public void Execute(in Block b) { if } }",
        Head + "{ public void Execute(in Block b) { switch (n) { case } } }",
        Head + "{ public void Execute(in Block b) { x[0] = n switch { }; } }",
        Head + "{ public void Execute(in Block b) { x[0] = n switch { 1 => }; } }",
        Head + "{ public void Execute(in Block b) { x.Row(); x.Row(1); x.From(); b.Sum(); KMath.Exp(); } }",
        Head + "{ public void Execute(in Block b) { Span<float> s = stackalloc; Span<float> t = stackalloc float[]; Span<float> u = b.Shared(); } }",
        Head + "{ public void Execute(in Block b) { Span<float> s = stackalloc[] { 1f, 2f }; x[0] = s[0]; } }",
        Head + "{ public void Execute(in Block b) { int? i = null; x[0] = i == null ? 1f : 2f; } }",
        Head + "{ public void Execute(in Block b) { x[0] = null == null ? 1f : 2f; } }",
        Head + "{ public void Execute(in Block b) { x[0] = default == n ? 1f : 2f; } }",
        Head + "{ public void Execute(in Block b) { dynamic d = n; x[0] = d + 1; } }",
        Head + "{ public void Execute(in Block b) { x[0] = x is { Length: > 3 } ? 1f : 2f; } }",
        Head + "{ public void Execute(in Block b) { var (u, v) = (1, 2); x[0] = u; } }",
        Head + "{ public void Execute(in Block b) { foreach (var i in new[] { 1 }) { } await null; yield return 1; lock (this) { } } }",
        Head + "{ public async void Execute(in Block b) { await System.Threading.Tasks.Task.Yield(); } }",
        Head + "{ public void Execute(in Block b) { x[0] = -x[^1]; x[1..2] = 3; x[0] = +(-(~n)); x[0] = (float)(object)n; } }",
        Head + "{ public void Execute(in Block b) { F<int>(); } static void F<T>() { F<List<T>>(); } }",
        Head + "{ public void Execute(in Block b) { F(this); } static void F(in K k) { k.Execute(default); } }",
        Head + "{ public void Execute(in Block b) { Execute(b); } }",
        Head + "{ public void Execute(in Block b) { } public void Execute(Block b) { } }",
        Head + "{ public void Execute(in Block b) { P p = new() { A = 1 }; x[0] = p.A; } struct P { public int A; public P B => this; } }",
        Head + "{ public void Execute(in Block b) { P p = default; x[0] = p.Q.Value; } struct P { public P Q; public int Value; } }",
        Head + "{ public void Execute(in Block b) { Func<int> f = () => n; x[0] = f(); Action a = Execute; } }",
        Head + "{ public void Execute(in Block b) { goto end; end: ; } }",
        Head + "{ public void Execute(in Block b) { try { } catch when (n > 0) { } finally { } } }",
        Head + "{ public void Execute(in Block b) { using var d = new System.IO.MemoryStream(); } }",
        Head + "{ public void Execute(in Block b) { unsafe { float* p = x.Pointer; p[0] = 1f; *p = sizeof(int); } } }",
        Head + "{ public void Execute(in Block b) { __makeref(n); x[0] = nameof(x).Length; x[0] = typeof(int).Name.Length; } }",
        Head + "{ int this[int i] => i; public void Execute(in Block b) { x[0] = this[1]; x[0] += this[2] ?? 3; n++; } }",
        "[Kernel] public readonly partial record struct @class(View<float> @int, float @this) : IKernel { public void Execute(in Block @in) { @int[0] = @this; } }",
        "[Kernel] public readonly partial record struct Größe(View<float> größe, float µ) : IKernel { public void Execute(in Block b) { größe[0] = µ; } }",
        "public partial struct T : IDeviceFunctions { } public partial struct T : IDeviceFunctions { }",
        "public interface I : IDeviceFunctions { static abstract int F(int x); } [Kernel] public readonly partial record struct K(View<float> x) : IKernel, I { public static int F(int x) => x; public void Execute(in Block b) { x[0] = 1f; } } ",
        "namespace A { [Kernel] public readonly partial record struct K(View<float> x) : IKernel { public void Execute(in Block b) { x[0] = 1f; } } } namespace B { [Kernel] public readonly partial record struct K(View<float> x) : IKernel { public void Execute(in Block b) { x[0] = 2f; } } }",
        "[Kernel] public readonly partial record struct K<T>(View<T> x) : IKernel where T : unmanaged { public void Execute(in Block b) { } } [Kernel] public readonly partial record struct K<T, U>(View<T> x, View<U> y) : IKernel where T : unmanaged where U : unmanaged { public void Execute(in Block b) { } }",
        "[Kernel] public readonly partial record struct K(View<float> x) : IKernel { public void Execute(in Block b) { x[0] = 1f; } } public readonly partial record struct K { public float Unused => x[0]; }",
    ];

    [Theory]
    [MemberData(nameof(Odd))]
    public void Odd_code_does_not_make_it_fail(string text) => AssertCalm(text);

    [Theory]
    [InlineData("-(", "1f", ")", 300)]
    [InlineData("KMath.Exp(", "1f", ")", 300)]
    [InlineData("", "x[0]", " + x[0]", 5_000)]
    public void Deep_nesting_does_not_exhaust_the_stack(string before, string middle, string after, int depth) =>
        AssertCalm(Head + "{ public void Execute(in Block b) { x[0] = " + Repeat(before, depth) + middle + Repeat(after, depth) + "; } }");

    [Fact]
    public void A_long_chain_of_helpers_takes_no_longer_than_its_length()
    {
        // Each helper calls the next one twice: looked into at each call, the last would be looked into 2⁶⁰ times.
        string helpers = string.Concat(Enumerable.Range(0, 60).Select(i => $"static float F{i}(in Block b, float v) => F{i + 1}(b, v) + F{i + 1}(b, v * 2f);\n"));
        Result result = Compiler.Run(Head + "{ public void Execute(in Block b) { x[0] = F0(b, b.Lane); }\n" + helpers + "static float F60(in Block b, float v) => b.Sum(v); }");
        Assert.Empty(result.Findings);
        Assert.Empty(result.Errors);
    }

    [Fact]
    public void Names_of_C_and_of_the_text_itself_are_free_to_use()
    {
        Result result = Compiler.Run("""
            [Kernel] public readonly partial record struct half(View<float> kernel, View<float> kernel_base, long kernel_offset, float s_, int LANES) : IKernel
            {
                public void Execute(in Block b)
                {
                    float @int = s_ + LANES; float eng_lane = kernel_offset; float global = @int * eng_lane; float größe = b.Sum(global);
                    kernel[0] = größe + kernel_base[0];
                }
            }
            """);
        Assert.Empty(result.Findings);
        Assert.Empty(result.Errors);
    }

    // The kernels of the engine, cut off at any place and with any token left out: what a file looks like while it is written.
    [Theory]
    [InlineData("Norm/RowNorm.cs")]
    [InlineData("Attention/AttentionForward.cs")]
    public void Half_written_code_does_not_make_it_fail(string file)
    {
        string folder = Path.Combine(Fixture.RepositoryRoot, "kernels", "Engine.Kernels");
        string text = File.ReadAllText(Path.Combine(folder, file));
        SyntaxTree[] others = [.. Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal) && !f.EndsWith(file, StringComparison.Ordinal))
            .Select(f => Compiler.Parse("using System.Linq;\n" + File.ReadAllText(f), f))];
        SyntaxToken[] tokens = [.. Compiler.Parse(text).GetRoot(TestContext.Current.CancellationToken).DescendantTokens()];
        GeneratorDriver driver = Compiler.Driver();
        CSharpCompilation all = Compiler.Compilation(others);
        for (int i = 0; i < tokens.Length; i += 1 + (tokens.Length / 10))
        {
            SyntaxToken token = tokens[i];
            foreach (string part in new[] { text[..token.SpanStart], text.Remove(token.SpanStart, token.Span.Length) })
            {
                driver = driver.RunGenerators(all.AddSyntaxTrees(Compiler.Parse(part, file)), TestContext.Current.CancellationToken);
                Assert.Null(driver.GetRunResult().Results[0].Exception);
            }
        }
    }

    private static void AssertCalm(string text)
    {
        Result result = Compiler.Run(text);
        Assert.Null(result.Run.Exception);

        // Whatever is wrong with the result was wrong before, or is what the generator itself reports.
        if (result.Findings.IsEmpty && Compiler.Compilation(Compiler.Parse(text)).GetDiagnostics().All(d => d.Severity < DiagnosticSeverity.Error || d.Id == "CS0535"))
        {
            Assert.DoesNotContain(result.Errors, d => d.Severity == DiagnosticSeverity.Error);
        }
    }

    private static string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));
}
