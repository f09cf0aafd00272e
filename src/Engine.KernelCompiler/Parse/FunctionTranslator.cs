using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Engine.KernelCompiler;

/// <summary>Translates one method or property getter: its signature and body. Statements and expressions are in the other parts.</summary>
internal sealed partial class FunctionTranslator(
    Unit unit, IMethodSymbol method, Substitution substitution, IReadOnlyList<Space> spaces)
{
    private readonly BodyWriter _body = new();
    private readonly List<string> _captures = [];
    private readonly Dictionary<ISymbol, Space> _spaces = new(SymbolEqualityComparer.Default);
    private readonly HashSet<ISymbol> _arrays = new(SymbolEqualityComparer.Default);
    private readonly HashSet<SyntaxNode> _whole = [];
    private bool _usesScratch;
    private bool _changesMemory;

    /// <summary>The kernel parameters that the body reads.</summary>
    public IReadOnlyList<string> Captures => _captures;

    /// <summary>Whether the body needs the block's scratch memory.</summary>
    public bool UsesScratch => _usesScratch;

    /// <summary>Whether this is a kernel's Execute, whose captures are the entry point's own parameters.</summary>
    private bool IsEntry => method.Name == "Execute" && SymbolEqualityComparer.Default.Equals(method.ContainingType.OriginalDefinition, unit.Root);

    private bool HasSelf => !method.IsStatic && !SymbolEqualityComparer.Default.Equals(method.ContainingType.OriginalDefinition, unit.Root);

    /// <summary>The helper function of the method, or null if it has no device form; <paramref name="caller"/> is blamed then.</summary>
    public Function? Translate(string name, SyntaxNode caller)
    {
        IOperation? body = unit.BodyOf(method);
        if (body is null)
        {
            unit.Report(caller, Rules.NoText, method.ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat));
            return null;
        }

        List<string> parameters = [];
        if (HasSelf)
        {
            parameters.Add($"{TypeOf(method.ContainingType, caller)} self");
        }

        int space = 0;
        foreach (IParameterSymbol parameter in method.Parameters)
        {
            if (KernelTypes.IsSpan(parameter.Type))
            {
                _spaces[parameter] = spaces[space++];
            }

            if (!KernelTypes.IsBlock(parameter.Type))
            {
                string star = parameter.RefKind is RefKind.Ref or RefKind.Out ? "*" : string.Empty;
                parameters.Add($"{TypeOf(parameter.Type, caller, parameter)}{star} {Spelling.Name(parameter.Name)}");
            }
        }

        Statements(body);
        parameters.AddRange(_captures.Select(c => KernelParameters.Declaration(unit, c)));
        if (_usesScratch)
        {
            parameters.Add("eng_scratch s_");
        }

        string returns = method.ReturnsVoid ? "void" : TypeOf(method.ReturnType, caller);
        string text = $"{Spelling.Helper} {returns} {name}({string.Join(", ", parameters)})\n{{\n{_body}}}\n";
        bool changesArguments = method.Parameters.Any(p => p.RefKind is RefKind.Ref or RefKind.Out);
        return new Function(name, text, _captures, _usesScratch, _changesMemory, _changesMemory || changesArguments);
    }

    /// <summary>The lines of the entry point's body.</summary>
    public string TranslateEntry()
    {
        if (unit.BodyOf(method) is { } body)
        {
            Statements(body);
        }

        return _body.ToString();
    }

    /// <summary>Finds what <see cref="Unit.BodyOf"/> remembers.</summary>
    public static IOperation? Body(Unit unit, IMethodSymbol method)
    {
        SyntaxNode? syntax = unit.SyntaxOf(method.OriginalDefinition);
        if (syntax is null && method.AssociatedSymbol is { } property)
        {
            syntax = unit.SyntaxOf(property);
        }

        SyntaxNode? body = syntax switch
        {
            MethodDeclarationSyntax m => (SyntaxNode?)m.Body ?? m.ExpressionBody,
            OperatorDeclarationSyntax o => (SyntaxNode?)o.Body ?? o.ExpressionBody,
            ConversionOperatorDeclarationSyntax c => (SyntaxNode?)c.Body ?? c.ExpressionBody,
            AccessorDeclarationSyntax a => (SyntaxNode?)a.Body ?? a.ExpressionBody,
            PropertyDeclarationSyntax p => p.ExpressionBody,
            ArrowExpressionClauseSyntax arrow => arrow,
            _ => null,
        };
        return body is null ? null : unit.ModelOf(body).GetOperation(body, unit.Cancellation);
    }

    private void Statements(IOperation body)
    {
        _body.Indent();
        foreach (IOperation statement in body is IBlockOperation block ? block.Operations : [body])
        {
            Statement(statement);
        }

        _body.Outdent();
    }

    /// <summary>The C type of a C# type; declares structs on the way.</summary>
    private string TypeOf(ITypeSymbol type, SyntaxNode at, ISymbol? variable = null) => TryTypeOf(type, variable) ?? Unknown(type, at);

    private string? TryTypeOf(ITypeSymbol type, ISymbol? variable = null)
    {
        type = substitution.Resolve(type);
        if (KernelTypes.IsView(type))
        {
            return TryTypeOf(KernelTypes.Element(type)) is { } element ? Spelling.Memory(Space.Global) + Stored(element) + "*" : null;
        }

        if (KernelTypes.IsSpan(type))
        {
            Space space = variable is not null && _spaces.TryGetValue(variable, out Space known) ? known : Space.Private;
            return TryTypeOf(KernelTypes.Element(type)) is { } element ? Spelling.Memory(space) + Stored(element) + "*" : null;
        }

        if (type is ITypeParameterSymbol parameter)
        {
            return Spelling.Hole(parameter.Name);
        }

        if (TypeNames.Number(type) is { } number)
        {
            return number;
        }

        if (type is INamedTypeSymbol { TypeKind: TypeKind.Struct, IsUnmanagedType: true, IsGenericType: false } named
            && named.SpecialType == SpecialType.None)
        {
            return TypeNames.InPrelude(named) || (unit.SyntaxOf(named) is not null && unit.DeclareStruct(named, t => TryTypeOf(t)))
                ? Unit.TypeName(named)
                : null;
        }

        return null;
    }

    private static string Stored(string type) => type == "bool" ? "u8" : type;

    private string Unknown(ITypeSymbol type, SyntaxNode at)
    {
        if (type.TypeKind == TypeKind.Error)
        {
            unit.Break();
            return "int";
        }

        unit.Report(at, Rules.NoType, type.ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat));
        return "int";
    }

    private void Capture(string parameter)
    {
        if (!_captures.Contains(parameter))
        {
            _captures.Add(parameter);
        }
    }
}
