namespace Engine.KernelCompiler.Tests;

/// <summary>What the body of a kernel may not say.</summary>
internal sealed class BodyCases : IRuleCases
{
    private const string Shape = "public abstract class Shape { public abstract float Area(float r); }";

    public static IEnumerable<RuleCase> Cases =>
    [
        RuleCase.Body("ENG0003", "array", "var a = [|new float[4]|]; x[0] = n;", "Span<float> a = stackalloc float[4]; x[0] = a[0];"),
        RuleCase.Body("ENG0003", "class", "x[0] = [|new object()|].GetHashCode();", "x[0] = 1f;"),
        RuleCase.Body("ENG0003", "tuple", "x[0] = [|(1f, 2f)|].Item1;", "x[0] = new Two(1f, 2f).A;", beside: "public readonly record struct Two(float A, float B);"),
        RuleCase.Body("ENG0003", "interpolated text", "x[0] = [|$\"{n}\"|].Length;", "x[0] = n;"),

        RuleCase.Body("ENG0004", "throw", "if (n < 0) { [|throw new ArgumentException(\"n\");|] } x[0] = n;", "k[0] = n < 0 ? 1 : 0; x[0] = n;"),
        RuleCase.Body("ENG0004", "throw expression", "x[0] = n > 0 ? n : [|throw new ArgumentException(\"n\")|];", "x[0] = n > 0 ? n : 0;"),
        RuleCase.Body("ENG0004", "try", "[|try { x[0] = n; } finally { y[0] = n; }|]", "x[0] = n; y[0] = n;"),

        RuleCase.Body("ENG0005", "lambda", "Func<float, float> f = [|v => v * 2f|]; x[0] = 1f;", "x[0] = Twice(x[0]);", members: "static float Twice(float v) => v * 2f;"),
        RuleCase.Body("ENG0005", "local function", "[|static float Twice(float v) => v * 2f;|] x[0] = 1f;", "x[0] = Twice(x[0]);", members: "static float Twice(float v) => v * 2f;"),
        RuleCase.Body("ENG0005", "method as value", "Func<float, float> f = [|Twice|]; x[0] = 1f;", "x[0] = Twice(x[0]);", members: "static float Twice(float v) => v * 2f;"),

        RuleCase.Body("ENG0006", "virtual method", "x[0] = [|((Shape)null!).Area(1f)|];", "x[0] = Area(1f);", members: "static float Area(float r) => r * r;", beside: Shape),
        new("ENG0006", "interface that is no table", Generic("IZero", "[|F.Zero()|]"), Generic("IZeroTable", "F.Zero()")),

        RuleCase.Body("ENG0007", "itself", "x[0] = Power(2f, n);", "x[0] = Power(2f, n);", members: "static float Power(float a, int e) => e == 0 ? 1f : a * [|Power(a, e - 1)|];") with
        {
            Right = RuleCase.Kernel("x[0] = Power(2f, n);", "static float Power(float a, int e) { float p = 1f; for (int i = 0; i < e; i++) { p *= a; } return p; }"),
        },
        RuleCase.Body("ENG0007", "through another", "x[0] = Even(n) ? 1f : 0f;", string.Empty, members: "static bool Even(int i) => i == 0 || Odd(i - 1); static bool Odd(int i) => i != 0 && [|Even(i - 1)|];") with
        {
            Right = RuleCase.Kernel("x[0] = n % 2 == 0 ? 1f : 0f;"),
        },

        RuleCase.Body("ENG0010", "another assembly's", "x[0] = [|MathF.Asinh(x[0])|];", "x[0] = KMath.Tanh(x[0]);"),
        RuleCase.Body("ENG0010", "an overload that is not known", "x[0] = [|MathF.Log(x[0], 2f)|];", "x[0] = MathF.Log(x[0]) / MathF.Log(2f);"),
        RuleCase.Body("ENG0010", "a span's", "Span<float> s = stackalloc float[4]; [|s.Fill(1f)|]; x[0] = s[0];", "Span<float> s = stackalloc float[4]; s[0] = 1f; x[0] = s[0];"),

        RuleCase.Body("ENG0011", "local of a foreign type", "DateTime [|t|]; x[0] = n;", "long t; t = n; x[0] = t;"),
        RuleCase.Body("ENG0011", "default of a foreign type", "DateTime t = [|default|]; x[0] = n;", "long t = default; x[0] = t;"),
        RuleCase.Body("ENG0011", "double", "x[0] = (float)(x[0] * [|2.0|]);", "x[0] = x[0] * 2f;"),
        RuleCase.Body("ENG0011", "double without a constant", "x[0] = (float)([|(double)x[0]|] * x[1]);", "x[0] = x[0] * x[1];"),
        RuleCase.Body("ENG0011", "double behind an unwritten conversion", "double [|d = x[0]|]; x[1] = 1f;", "float d = x[0]; x[1] = d;"),
        RuleCase.Body("ENG0011", "arithmetic on storage", "Half h = (Half)x[0]; x[0] = (float)([|h + h|]);", "Half h = (Half)x[0]; x[0] = (float)h + (float)h;"),
        RuleCase.Body("ENG0011", "generic struct", "x[0] = [|new Pair<float>(1f, 2f)|].A;", "x[0] = new Two(1f, 2f).A;", beside: "public readonly record struct Pair<T>(T A, T B); public readonly record struct Two(float A, float B);"),

        RuleCase.Body("ENG0012", "foreach", "Span<float> s = stackalloc float[4]; [|foreach (float v in s) { x[0] += v; }|]", "Span<float> s = stackalloc float[4]; for (int i = 0; i < 4; i++) { x[0] += s[i]; }"),
        RuleCase.Body("ENG0012", "goto", "again: x[0] += 1f; if (x[0] < n) { goto again; }", "while (x[0] < n) { x[0] += 1f; }") with
        {
            Wrong = RuleCase.Kernel("switch (n) { case 0: x[0] = 1f; [|goto case 1;|] case 1: x[1] = 1f; break; }"),
        },
        RuleCase.Body("ENG0012", "case with a pattern", "switch (n) { [|case > 3:|] x[0] = 1f; break; }", "switch (n) { case 3: x[0] = 1f; break; }"),
        RuleCase.Body("ENG0012", "local shared by cases", "switch (n) { case 0: int i = 1; x[0] = i; break; case 1: [|i|] = 2; x[0] = i; break; }", "int i = 1; switch (n) { case 0: x[0] = i; break; case 1: i = 2; x[0] = i; break; }"),
        RuleCase.Body("ENG0012", "fixed", "unsafe { [|fixed (byte* p = default(Span<byte>)) { x[0] = 1f; }|] }", "x[0] = 1f;"),

        RuleCase.Body("ENG0013", "increment", "int i = 0; x[[|i++|]] = n;", "int i = 0; x[i] = n; i++;"),
        RuleCase.Body("ENG0013", "assignment", "float v; x[0] = [|v = n|]; y[0] = v;", "float v = n; x[0] = v; y[0] = v;"),
        RuleCase.Body("ENG0013", "out variable", "Split(x[0], [|out float lo|]); x[0] = lo;", "float lo; Split(x[0], out lo); x[0] = lo;", members: "static void Split(float v, out float lo) { lo = v * 0.5f; }"),
        RuleCase.Body("ENG0013", "out discard", "Split(x[0], [|out _|]); x[0] = n;", "float lo; Split(x[0], out lo); x[0] = n;", members: "static void Split(float v, out float lo) { lo = v * 0.5f; }"),
        RuleCase.Body("ENG0013", "call that changes a variable", "uint s = 1; x[0] = s + [|Next(ref s)|];", "uint s = 1; uint u = s; uint v = Next(ref s); x[0] = u + v;", members: "static uint Next(ref uint s) { s = (s * 5) + 1; return s; }"),
        RuleCase.Body("ENG0013", "call that changes memory", "x[1] = x[0] + [|Put(x, 2f)|];", "float v = Put(x, 2f); x[1] = x[0] + v;", members: "static float Put(View<float> v, float a) { v[0] = a; return a; }"),

        RuleCase.Body("ENG0014", "static field", "x[0] = [|State.Factor|];", "x[0] = State.Fixed;", beside: "public static class State { public static float Factor = 2f; public const float Fixed = 2f; }"),
        RuleCase.Body("ENG0014", "read-only static field", "x[0] = [|State.Factor|];", "x[0] = State.Fixed;", beside: "public static class State { public static readonly float Factor = 2f; public static float Fixed => 2f; }"),

        RuleCase.Body("ENG0017", "checked expression", "k[0] = checked([|k[0] + n|]);", "k[0] = k[0] + n;"),
        RuleCase.Body("ENG0017", "checked block", "checked { [|k[0]++|]; }", "k[0]++;"),
        RuleCase.Body("ENG0017", "checked conversion", "k[0] = checked([|(int)x[0]|]);", "k[0] = (int)x[0];"),

        RuleCase.Body("ENG0020", "tuple assignment", "float u = 1f; float v = 2f; [|(u, v) = (v, u)|]; x[0] = u + v;", "float u = 1f; float v = 2f; float w = u; u = v; v = w; x[0] = u + v;"),
        RuleCase.Body("ENG0020", "with", "Two t = new(1f, 2f); Two s = [|t with { A = 3f }|]; x[0] = s.A;", "Two t = new(1f, 2f); Two s = new(3f, t.B); x[0] = s.A;", beside: "public readonly record struct Two(float A, float B);"),
        RuleCase.Body("ENG0020", "switch without default", "x[0] = [|n switch { 0 => 1f, 1 => 2f }|];", "x[0] = n switch { 0 => 1f, _ => 2f };"),
        RuleCase.Body("ENG0020", "constructor with a body", "x[0] = [|new Sum(1f, 2f)|].Total;", "x[0] = Sum.Of(1f, 2f).Total;", beside: "public readonly record struct Sum(float Total) { public Sum(float total, float other) : this(total + other) { } public static Sum Of(float a, float b) => new(a + b); }"),
        RuleCase.Body("ENG0020", "the kernel itself", "x[0] = Use([|this|]);", "x[0] = Use(n);", members: "static float Use(int n) => n; static float Use(K k) => 1f;"),
    ];

    private static string Generic(string table, string value) => $$"""
        public interface IZero { static abstract float Zero(); }
        public interface IZeroTable : IDeviceFunctions { static abstract float Zero(); }

        [Kernel] public readonly partial record struct K<F>(View<float> x) : IKernel where F : unmanaged, {{table}}
        {
            public void Execute(in Block b) { x[0] = {{value}}; }
        }
        """;
}
