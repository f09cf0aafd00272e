using Microsoft.CodeAnalysis;

namespace Engine.KernelCompiler;

/// <summary>
/// Everything one kernel or table of functions brings to its program: structs and functions, each translated once, callees
/// first, and what was found wrong on the way.
/// </summary>
internal sealed class Unit(Compilation compilation, INamedTypeSymbol root, CancellationToken cancellation)
{
    private readonly Dictionary<string, Function> _functions = [];
    private readonly Dictionary<string, IMethodSymbol> _owners = [];
    private readonly Dictionary<SyntaxTree, SemanticModel> _models = [];
    private readonly Dictionary<ISymbol, IOperation?> _bodies = new(SymbolEqualityComparer.Default);
    private readonly HashSet<string> _underWay = [];
    private readonly HashSet<string> _structs = [];
    private readonly List<Declaration> _declarations = [];
    private readonly List<Finding> _findings = [];
    private Finding? _suspicion;

    /// <summary>The kernel or table being translated.</summary>
    public INamedTypeSymbol Root => root;

    public Compilation Compilation => compilation;

    public CancellationToken Cancellation => cancellation;

    public IReadOnlyList<Declaration> Declarations => _declarations;

    /// <summary>What was found wrong; a suspicion counts where nothing else was found.</summary>
    public IReadOnlyList<Finding> Findings => _findings.Count == 0 && !IsBroken && _suspicion is { } only ? [only] : _findings;

    /// <summary>How many findings there are, to see whether a part brought some of its own.</summary>
    public int FindingCount => _findings.Count;

    /// <summary>Whether the C# itself is wrong, which its compiler reports: there is nothing to translate or to add.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Whether the text is fit to be printed.</summary>
    public bool IsSound => Findings.Count == 0 && !IsBroken;

    /// <summary>Kernel parameters whose Length the text asks for.</summary>
    public HashSet<string> Lengths { get; } = [];

    public void Report(SyntaxNode node, DiagnosticDescriptor rule, params string[] arguments)
    {
        Finding finding = Finding.At(node, rule, arguments);
        if (!_findings.Contains(finding))
        {
            _findings.Add(finding);
        }
    }

    /// <summary>Reports the finding if it stays the only one: something else is likely to name the cause better.</summary>
    public void Suspect(SyntaxNode node, DiagnosticDescriptor rule, params string[] arguments) =>
        _suspicion ??= Finding.At(node, rule, arguments);

    /// <summary>Notes that the C# is wrong.</summary>
    public void Break() => IsBroken = true;

    public void Report(Location location, DiagnosticDescriptor rule, params string[] arguments) =>
        _findings.Add(Finding.At(location, rule, arguments));

    public void Declare(string name, string text) => _declarations.Add(new Declaration(name, text));

    /// <summary>The declaration syntax of a symbol, or null if its source is in another assembly.</summary>
    public SyntaxNode? SyntaxOf(ISymbol symbol) =>
        symbol.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(cancellation);

    /// <summary>The model of a node's file; one for all of the unit's questions, since it remembers what it has bound.</summary>
    public SemanticModel ModelOf(SyntaxNode node)
    {
        if (!_models.TryGetValue(node.SyntaxTree, out SemanticModel? model))
        {
            model = compilation.GetSemanticModel(node.SyntaxTree);
            _models.Add(node.SyntaxTree, model);
        }

        return model;
    }

    /// <summary>The body of a method or getter as operations; null when there is no source or no body.</summary>
    public IOperation? BodyOf(IMethodSymbol method)
    {
        method = method.OriginalDefinition;
        if (!_bodies.TryGetValue(method, out IOperation? body))
        {
            body = FunctionTranslator.Body(this, method);
            _bodies.Add(method, body);
        }

        return body;
    }

    /// <summary>The function of a method, translated on first use; null if it cannot be.</summary>
    public Function? FunctionOf(IMethodSymbol method, Substitution substitution, IReadOnlyList<Space> spaces, SyntaxNode caller)
    {
        string name = FunctionName(method, substitution, spaces);
        while (_owners.TryGetValue(name, out IMethodSymbol? owner) && !SymbolEqualityComparer.Default.Equals(owner, method))
        {
            name += "_";
        }

        _owners[name] = method;
        if (_functions.TryGetValue(name, out Function? known))
        {
            return known;
        }

        if (!_underWay.Add(name))
        {
            Report(caller, Rules.Recursion, method.Name);
            return null;
        }

        Function? function = new FunctionTranslator(this, method, substitution, spaces).Translate(name, caller);
        _underWay.Remove(name);
        if (function is not null)
        {
            _functions.Add(name, function);
            Declare(name, function.Text);
        }

        return function;
    }

    /// <summary>Declares a struct, its fields' structs first; false for a type that has no device form.</summary>
    public bool DeclareStruct(INamedTypeSymbol type, Func<ITypeSymbol, string?> typeName)
    {
        string name = TypeName(type);
        if (!_structs.Add(name))
        {
            return true;
        }

        // A layout of its own is not the one that C gives the fields.
        if (type.GetAttributes().Any(a => a.AttributeClass?.Name == "StructLayoutAttribute"))
        {
            return false;
        }

        List<(string Type, string Name)> fields = [];
        foreach (IFieldSymbol field in FieldsOf(type))
        {
            string? fieldType = field.Type.SpecialType == SpecialType.System_Boolean ? "u8" : typeName(field.Type);
            if (fieldType is null)
            {
                return false;
            }

            fields.Add((fieldType, FieldName(field)));
        }

        if (fields.Count == 0)
        {
            // Neither C nor OpenCL C has empty structs; in C# one has a byte.
            fields.Add(("u8", "nothing"));
        }

        string lines = string.Concat(fields.Select(f => $"    {f.Type} {f.Name};\n"));
        Declare(name, $"typedef struct\n{{\n{lines}}} {name};\n");
        return true;
    }

    /// <summary>The name of a declared struct's constructor, which takes its fields in order.</summary>
    public string ConstructorOf(INamedTypeSymbol type, Func<ITypeSymbol, string?> typeName)
    {
        string name = TypeName(type);
        if (!_structs.Add(name + "_new"))
        {
            return name + "_new";
        }

        (string Type, string Name)[] fields = FieldsOf(type)
            .Select(f => (f.Type.SpecialType == SpecialType.System_Boolean ? "bool" : typeName(f.Type) ?? "int", FieldName(f))).ToArray();
        string parameters = string.Join(", ", fields.Select(f => $"{f.Type} {f.Name}"));
        string moves = string.Concat(fields.Select(f => $"    self.{f.Name} = {f.Name};\n"));
        Declare(
            name + "_new", $"{Spelling.Helper} {name} {name}_new({parameters})\n{{\n    {name} self;\n{moves}    return self;\n}}\n");
        return name + "_new";
    }

    /// <summary>A struct's fields in memory order; those behind automatic properties carry the property's name.</summary>
    public static IEnumerable<IFieldSymbol> FieldsOf(INamedTypeSymbol type) =>
        type.GetMembers().OfType<IFieldSymbol>().Where(f => !f.IsStatic && !f.IsConst);

    public static string FieldName(IFieldSymbol field) => Spelling.Name((field.AssociatedSymbol ?? field).Name);

    /// <summary>A type's name in programs: containing types and a foreign namespace in front.</summary>
    public static string TypeName(INamedTypeSymbol type)
    {
        string name = type.Name;
        for (INamedTypeSymbol? outer = type.ContainingType; outer is not null; outer = outer.ContainingType)
        {
            name = outer.Name + "_" + name;
        }

        string space = type.ContainingNamespace is { IsGlobalNamespace: false } n ? n.ToDisplayString() : string.Empty;
        return TypeNames.InPrelude(type) ? name : Spelling.Name(space is "Engine.Kernels" or "Engine.KernelLanguage" or "" ? name : space.Replace('.', '_') + "_" + name);
    }

    private string FunctionName(IMethodSymbol method, Substitution substitution, IReadOnlyList<Space> spaces)
    {
        string member = method.AssociatedSymbol?.Name ?? method.Name;
        string name = TypeName(method.ContainingType) + "_" + member;

        // A member of a generic interface is told from its twins by the interface's type arguments.
        string suffix = InterfaceSuffix(method);
        if (suffix.Length == 0)
        {
            ISymbol[] twins = method.ContainingType.GetMembers(method.Name).ToArray();
            int place = Array.FindIndex(twins, t => SymbolEqualityComparer.Default.Equals(t.OriginalDefinition, method.OriginalDefinition));
            suffix = place > 0 ? "_" + (place + 1) : string.Empty;
        }

        if (!SymbolEqualityComparer.Default.Equals(method.ContainingType.OriginalDefinition, root))
        {
            suffix += string.Concat(method.ContainingType.OriginalDefinition.TypeParameters.Select(p => "_" + substitution.NameOf(p)));
        }

        suffix += string.Concat(method.OriginalDefinition.TypeParameters.Select(p => "_" + substitution.NameOf(p)));
        suffix += string.Concat(spaces.Where(s => s != Space.Private).Select(s => "_" + s.ToString().ToLowerInvariant()));
        return name + suffix;
    }

    private static string InterfaceSuffix(IMethodSymbol method)
    {
        foreach (INamedTypeSymbol table in method.ContainingType.AllInterfaces.Where(i => i.IsGenericType))
        {
            foreach (IMethodSymbol member in table.GetMembers(method.Name).OfType<IMethodSymbol>())
            {
                if (SymbolEqualityComparer.Default.Equals(method.ContainingType.FindImplementationForInterfaceMember(member), method))
                {
                    return string.Concat(table.TypeArguments.Select(a => "_" + TypeNames.Plain(a)));
                }
            }
        }

        return string.Empty;
    }
}
