namespace Engine.KernelCompiler.Tests;

/// <summary>Collectives that some lanes might not reach.</summary>
internal sealed class DivergenceCases : IRuleCases
{
    private const string Norm = "static float Norm(in Block b, float v) => b.Sum(v * v);";

    public static IEnumerable<RuleCase> Cases =>
    [
        RuleCase.Body("ENG0008", "under a condition on the lane", "if (b.Lane == 0) { [|b.Barrier()|]; } x[b.Lane] = n;", "if (b.Lane == 0) { x[0] = n; } b.Barrier();"),
        RuleCase.Body("ENG0008", "under a condition on a value of the lane", "float v = x[b.Lane]; if (v > 0f) { v = [|b.Sum(v)|]; } y[b.Lane] = v;", "float v = x[b.Lane]; v = b.Sum(v > 0f ? v : 0f); y[b.Lane] = v;"),
        RuleCase.Body("ENG0008", "in a loop over the lane's elements", "float s = 0f; for (int i = b.Lane; i < n; i += b.Size) { s += [|b.Sum(x[i])|]; } y[b.Lane] = s;", "float s = 0f; for (int i = b.Lane; i < n; i += b.Size) { s += x[i]; } y[b.Lane] = b.Sum(s);"),
        RuleCase.Body("ENG0008", "in one branch of ?:", "float v = b.Lane > 3 ? [|b.Max(1f)|] : 0f; y[b.Lane] = v;", "float v = b.Max(b.Lane > 3 ? 1f : 0f); y[b.Lane] = v;"),
        RuleCase.Body("ENG0008", "behind &&", "bool v = b.Lane > 3 && [|b.Max(1f)|] > 0f; k[b.Lane] = v ? 1 : 0;", "bool v = b.Max(1f) > 0f && b.Lane > 3; k[b.Lane] = v ? 1 : 0;"),
        RuleCase.Body("ENG0008", "in a case", "switch (b.Lane) { case 0: [|b.Barrier()|]; break; }", "switch (n) { case 0: b.Barrier(); break; }"),
        RuleCase.Body("ENG0008", "in an arm", "float v = b.Lane switch { 0 => [|b.Sum(1f)|], _ => 0f }; y[b.Lane] = v;", "float v = n switch { 0 => b.Sum(1f), _ => 0f }; y[b.Lane] = v;"),
        RuleCase.Body("ENG0008", "in a helper that is called under a condition", "float v = 0f; if (b.Lane < 3) { v = [|Norm(b, 1f)|]; } y[b.Lane] = v;", "float v = Norm(b, b.Lane < 3 ? 1f : 0f); y[b.Lane] = v;", members: Norm),
        RuleCase.Body("ENG0008", "inside a helper", "y[b.Lane] = Part(b, b.Lane);", "y[b.Lane] = Part(b, n);", members: "static float Part(in Block b, int i) => i > 0 ? [|b.Sum(1f)|] : 0f;") with
        {
            Right = RuleCase.Kernel("y[b.Lane] = Part(b, n);", "static float Part(in Block b, int i) => i > 0 ? b.Sum(1f) : 0f;"),
        },
        RuleCase.Body("ENG0008", "after an assignment later in the loop", "float v = 0f; for (int i = 0; i < n; i++) { if (v > 1f) { [|b.Barrier()|]; } v = x[b.Lane]; } y[b.Lane] = v;", "float v = 0f; for (int i = 0; i < n; i++) { b.Barrier(); v = x[b.Lane]; } y[b.Lane] = v;"),
        RuleCase.Body("ENG0008", "in a loop that a lane may break", "for (int i = 0; i < n; i++) { [|b.Barrier()|]; if (x[b.Lane] > i) { break; } }", "for (int i = 0; i < n; i++) { b.Barrier(); if (k[0] > i) { break; } }"),
        RuleCase.Body("ENG0008", "on the result of a table's function of the lane's value", "if (F.Of(x[b.Lane]) > 0f) { [|b.Barrier()|]; }", "if (F.Of(x[0]) > 0f) { b.Barrier(); }") with
        {
            Wrong = Generic("if (F.Of(x[b.Lane]) > 0f) { [|b.Barrier()|]; }"),
            Right = Generic("if (F.Of(x[0]) > 0f) { b.Barrier(); }"),
        },
        RuleCase.Body("ENG0008", "on an array that a helper filled from the lane", "Span<float> s = stackalloc float[1]; Put(s, b.Lane); if (s[0] > 0f) { [|b.Barrier()|]; }", "Span<float> s = stackalloc float[1]; Put(s, n); if (s[0] > 0f) { b.Barrier(); }", members: "static void Put(Span<float> s, int v) { s[0] = v; }"),
        RuleCase.Body("ENG0008", "on a variable that a helper set from the lane", "int s = 0; Put(ref s, b.Lane); if (s > 0) { [|b.Barrier()|]; }", "int s = 0; Put(ref s, n); if (s > 0) { b.Barrier(); }", members: "static void Put(ref int s, int v) { s = v; }"),
        RuleCase.Body("ENG0008", "on an element of a shared array", "Span<float> s = b.Shared(stackalloc float[64]); s[b.Lane % 64] = x[b.Lane]; b.Barrier(); if (s[b.Lane % 64] > 0f) { [|b.Barrier()|]; }", "Span<float> s = b.Shared(stackalloc float[64]); s[b.Lane % 64] = x[b.Lane]; b.Barrier(); if (s[0] > 0f) { b.Barrier(); }"),

        RuleCase.Body("ENG0009", "after return", "if (b.Lane >= n) { return; } x[b.Lane] = [|b.Sum(1f)|];", "float s = b.Sum(1f); if (b.Lane < n) { x[b.Lane] = s; }"),
        RuleCase.Body("ENG0009", "after return inside a helper", "y[b.Lane] = Part(b, b.Lane);", string.Empty, members: "static float Part(in Block b, int i) { if (i > 3) { return 0f; } return [|b.Sum(1f)|]; }") with
        {
            Right = RuleCase.Kernel("y[b.Lane] = Part(b, b.Lane);", "static float Part(in Block b, int i) { float s = b.Sum(1f); return i > 3 ? 0f : s; }"),
        },
        RuleCase.Body("ENG0009", "after a return that only some blocks take", "if (b.Lane > 3) { return; } if (n > 3) { return; } [|b.Barrier()|];", "if (n > 3) { return; } b.Barrier();"),
    ];

    private static string Generic(string body) => $$"""
        public interface IScalar : IDeviceFunctions { static abstract float Of(float x); }

        [Kernel] public readonly partial record struct K<F>(View<float> x) : IKernel where F : unmanaged, IScalar
        {
            public void Execute(in Block b) { {{body}} }
        }
        """;
}
