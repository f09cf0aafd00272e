namespace Engine.KernelCompiler.Tests;

/// <summary>What a kernel's and a table's declaration must look like, and what may be handed over.</summary>
internal sealed class DeclarationCases : IRuleCases
{
    private const string Empty = "{ public void Execute(in Block b) { x[b.Start] = 1f; } }";

    public static IEnumerable<RuleCase> Cases =>
    [
        Declaration("not partial", "public readonly record struct [|K|](View<float> x) : IKernel"),
        Declaration("not readonly", "public partial record struct [|K|](View<float> x) : IKernel"),
        Declaration("no record", "public readonly partial struct [|K|](View<float> x) : IKernel"),
        new("ENG0001", "no interface", "[Kernel] public readonly partial record struct [|K|](View<float> x)" + Empty, Good),
        new("ENG0001", "no Execute", "[Kernel] public readonly partial record struct [|K|](View<float> x) : IKernel { public void Execute() { } }", Good),
        new("ENG0001", "explicit Execute", "[Kernel] public readonly partial record struct [|K|](View<float> x) : IKernel { void IKernel.Execute(in Block b) { } }", Good),
        new("ENG0001", "container not partial", $"static class Outer {{ [Kernel] public readonly partial record struct [|K|](View<float> x) : IKernel {Empty} }}", $"static partial class Outer {{ {Good} }}"),
        new("ENG0001", "generic container", $"static partial class Outer<T> {{ [Kernel] public readonly partial record struct [|K|](View<float> x) : IKernel {Empty} }}", Good),
        new("ENG0001", "file-local", $"[Kernel] file readonly partial record struct [|K|](View<float> x) : IKernel {Empty}", Good),
        new("ENG0001", "no primary constructor", "[Kernel] public readonly partial record struct [|K|] : IKernel { public int N { get; init; } public void Execute(in Block b) { } }", Good),

        Parameter("char", "char [|c|]", "int c"),
        Parameter("double", "double [|d|]", "float d"),
        Parameter("pointer-sized", "nint [|p|]", "long p"),
        Parameter("view of doubles", "View<double> [|p|]", "View<float> p"),
        Parameter("tuple", "(int, int) [|p|]", "int p, int q"),
        Parameter("span-like struct of a view", "Window [|p|]", "View<float> p", "public readonly record struct Window(View<float> X);"),
        Parameter("generic struct", "Pair<float> [|p|]", "Pair p", "public readonly record struct Pair<T>(T A, T B); public readonly record struct Pair(float A, float B);"),
        Parameter("struct with a layout of its own", "Packed [|p|]", "Plain p", "[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Sequential, Pack = 1)] public struct Packed { public byte A; public int B; } public struct Plain { public byte A; public int B; }"),

        new("ENG0018", "table not partial", Mapped("public readonly struct [|Twice|] : IScalar, IDeviceFunctions { public static float Of(float x) => 2f * x; static DeviceFunctions IDeviceFunctions.Device => throw new NotSupportedException(); }"), Mapped("public readonly partial struct Twice : IScalar { public static float Of(float x) => 2f * x; }")),
        new("ENG0018", "generic table", Mapped("public readonly partial struct [|Twice|]<T> : IScalar { public static float Of(float x) => 2f * x; static DeviceFunctions IDeviceFunctions.Device => throw new NotSupportedException(); }"), Mapped("public readonly partial struct Twice : IScalar { public static float Of(float x) => 2f * x; }")),
    ];

    private static string Good => "[Kernel] public readonly partial record struct K(View<float> x) : IKernel " + Empty;

    private static RuleCase Declaration(string name, string wrong) => new("ENG0001", name, $"[Kernel] {wrong} {Empty}", Good);

    private static RuleCase Parameter(string name, string wrong, string right, string beside = "")
    {
        string Of(string parameter) => RuleCase.Kernel("x[b.Start] = 1f;", beside: beside, parameters: "View<float> x, " + parameter);
        return new("ENG0002", name, Of(wrong), Of(right));
    }

    // The kernel of the failing twin is fine: only the table is not. So it must not be counted as translated there.
    private static string Mapped(string table) => $$"""
        public interface IScalar : IDeviceFunctions { static abstract float Of(float x); }
        {{table}}
        """ + (table.Contains("[|", StringComparison.Ordinal) ? string.Empty : """

        [Kernel] public readonly partial record struct K<F>(View<float> x) : IKernel where F : unmanaged, IScalar
        {
            public void Execute(in Block b) { x[b.Start] = F.Of(x[b.Start]); }
        }
        """);
}
