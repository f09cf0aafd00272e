namespace Engine.KernelCompiler.Tests;

/// <summary>
/// One way to break a rule and the way out that its message names: <paramref name="Wrong"/> is refused with
/// <paramref name="Id"/> at its <c>[| |]</c> and nothing else is reported; <paramref name="Right"/> is translated.
/// </summary>
public sealed record RuleCase(string Id, string Name, string Wrong, string Right)
{
    /// <summary>A kernel of the given body, with views x, y, an int view k and an int n.</summary>
    public static string Kernel(string body, string members = "", string beside = "", string parameters = "View<float> x, View<float> y, View<int> k, int n") =>
        $$"""
        namespace Users;

        [Kernel]
        public readonly partial record struct K({{parameters}}) : IKernel
        {
            public void Execute(in Block b)
            {
                {{body}}
            }

            {{members}}
        }

        {{beside}}

        """;

    /// <summary>Both twins are bodies of the same kernel.</summary>
    public static RuleCase Body(string id, string name, string wrong, string right, string members = "", string beside = "") =>
        new(id, name, Kernel(wrong, members, beside), Kernel(right, members, beside));

    /// <summary>Both twins are members of a kernel, called by the same body.</summary>
    public static RuleCase Members(string id, string name, string body, string wrong, string right) =>
        new(id, name, Kernel(body, wrong), Kernel(body, right));

    /// <inheritdoc/>
    public override string ToString() => $"{Id} {Name}";
}

/// <summary>A list of cases; found by reflection.</summary>
internal interface IRuleCases
{
    /// <summary>The cases of one class.</summary>
    static abstract IEnumerable<RuleCase> Cases { get; }
}
