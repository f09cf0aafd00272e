namespace Engine.KernelCompiler.Tests;

/// <summary>Arrays, references and lengths: what needs to know which memory it is about.</summary>
internal sealed class MemoryCases : IRuleCases
{
    public static IEnumerable<RuleCase> Cases =>
    [
        RuleCase.Body("ENG0015", "stack array", "Span<float> a = stackalloc float[[|n|]]; x[0] = a[0];", "const int N = 4; Span<float> a = stackalloc float[N * 2]; x[0] = a[0];"),
        RuleCase.Body("ENG0015", "shared array", "Span<float> a = b.Shared(stackalloc float[[|n + 1|]]); a[0] = 1f; b.Barrier(); x[0] = a[0];", "Span<float> a = b.Shared(stackalloc float[b.Size]); a[b.Lane] = 1f; b.Barrier(); x[b.Lane] = a[0];"),
        new(
            "ENG0015",
            "parameter that is not specialised",
            RuleCase.Kernel("Span<float> a = stackalloc float[[|m|]]; x[0] = a[0];", parameters: "View<float> x, int m"),
            RuleCase.Kernel("Span<float> a = stackalloc float[m]; x[0] = a[0];", parameters: "View<float> x, [Specialize] int m")),

        RuleCase.Body("ENG0016", "element by reference", "Double([|ref x[0]|]);", "float v = x[0]; Double(ref v); x[0] = v;", members: "static void Double(ref float v) { v *= 2f; }"),
        RuleCase.Body("ENG0016", "ref local", "ref float [|v = ref x[0]|]; v = 1f;", "float v = 1f; x[0] = v;"),
        RuleCase.Body("ENG0016", "span of another memory", "Span<float> own = stackalloc float[4]; Span<float> tile = b.Shared(stackalloc float[4]); Span<float> s = own; [|s = tile|]; x[0] = s[0];", "Span<float> own = stackalloc float[4]; Span<float> other = stackalloc float[4]; Span<float> s = own; s = other; x[0] = s[0];"),
        RuleCase.Body("ENG0016", "one of two memories", "Span<float> own = stackalloc float[4]; Span<float> tile = b.Shared(stackalloc float[4]); Span<float> s = [|n > 0 ? own : tile|]; x[0] = s[0];", "Span<float> own = stackalloc float[4]; Span<float> other = stackalloc float[4]; Span<float> s = n > 0 ? own : other; x[0] = s[0];"),

        RuleCase.Body("ENG0019", "row", "View<float> row = x.Row(0, n); k[0] = (int)[|row.Length|];", "k[0] = (int)x.Length;"),
        RuleCase.Body("ENG0019", "in a helper", "k[0] = Count(x);", "k[0] = Count(x.Length);", members: "static int Count(View<float> v) => (int)[|v.Length|]; static int Count(long v) => (int)v;") with
        {
            Right = RuleCase.Kernel("k[0] = Count(x.Length);", "static int Count(long v) => (int)v;"),
        },
        RuleCase.Body("ENG0019", "span", "Span<float> s = stackalloc float[4]; k[0] = [|s.Length|]; x[0] = s[0];", "Span<float> s = stackalloc float[4]; k[0] = 4; x[0] = s[0];"),

        RuleCase.Body("ENG0021", "inside a loop", "for (int i = 0; i < n; i++) { Span<float> [|tile = b.Shared(stackalloc float[4])|]; tile[0] = 1f; x[i] = tile[0]; }", "Span<float> tile = b.Shared(stackalloc float[4]); for (int i = 0; i < n; i++) { tile[0] = 1f; x[i] = tile[0]; }"),
        RuleCase.Body("ENG0021", "inside a helper", "x[0] = Use(b);", "Span<float> tile = b.Shared(stackalloc float[4]); x[0] = Use(tile);", members: "static float Use(in Block b) { Span<float> [|tile = b.Shared(stackalloc float[4])|]; return tile[0]; }") with
        {
            Right = RuleCase.Kernel("Span<float> tile = b.Shared(stackalloc float[4]); x[0] = Use(tile);", "static float Use(Span<float> tile) => tile[0];"),
        },
        RuleCase.Body("ENG0021", "inside an expression", "x[0] = Use([|b.Shared(stackalloc float[4])|]);", "Span<float> tile = b.Shared(stackalloc float[4]); x[0] = Use(tile);", members: "static float Use(Span<float> tile) => tile[0];"),
    ];
}
