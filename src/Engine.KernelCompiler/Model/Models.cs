namespace Engine.KernelCompiler;

/// <summary>The declaration that the generated half of a type repeats.</summary>
/// <param name="Namespace">Empty for the global one.</param>
/// <param name="Outer">Declarations of the containing types, outermost first.</param>
/// <param name="Declaration">For example <c>partial record struct Map&lt;F&gt;</c>.</param>
/// <param name="HintName">The generated file's name, unique in the compilation.</param>
internal sealed record TypeHeader(string Namespace, EquatableArray<string> Outer, string Declaration, string HintName);

/// <summary>One C declaration with its dialect choices and holes.</summary>
internal sealed record Declaration(string Name, string Text);

/// <summary>How a kernel parameter is handed over at a launch.</summary>
internal enum ParameterKind
{
    Value,
    View,
    Specialized,
}

/// <summary>One kernel parameter. <c>TakesLength</c>: the text asks for the view's length, an extra argument.</summary>
internal sealed record Parameter(string Name, string Type, ParameterKind Kind, bool IsUnaliased, bool TakesLength);

/// <summary>A type parameter of a kernel: a table of functions, or else an element type.</summary>
internal sealed record TypeParameter(string Name, bool IsTable);

/// <summary>A kernel, ready to print.</summary>
internal sealed record KernelModel(
    TypeHeader Header,
    string Name,
    string File,
    int Lanes,
    EquatableArray<Parameter> Parameters,
    EquatableArray<TypeParameter> TypeParameters,
    EquatableArray<Declaration> Declarations,
    EquatableArray<Finding> Findings);

/// <summary>A table of functions, ready to print.</summary>
internal sealed record TableModel(
    TypeHeader Header, string Name, EquatableArray<Declaration> Declarations, EquatableArray<Finding> Findings);
