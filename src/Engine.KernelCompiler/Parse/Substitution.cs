using Microsoft.CodeAnalysis;

namespace Engine.KernelCompiler;

/// <summary>What the type parameters in sight stand for: a device name, or the hole of a kernel's own type parameter.</summary>
internal sealed class Substitution
{
    private readonly Dictionary<ITypeParameterSymbol, ITypeSymbol> _types = new(SymbolEqualityComparer.Default);

    public static Substitution None { get; } = new();

    /// <summary>The types given to a generic method or its containing type, seen from a caller with its own substitution.</summary>
    public static Substitution For(IMethodSymbol method, Substitution caller)
    {
        Substitution own = new();
        own.Add(method.ContainingType.OriginalDefinition.TypeParameters, method.ContainingType.TypeArguments, caller);
        own.Add(method.OriginalDefinition.TypeParameters, method.TypeArguments, caller);
        return own;
    }

    /// <summary>The type behind a type parameter; a kernel's own type parameter stays itself.</summary>
    public ITypeSymbol Resolve(ITypeSymbol type) =>
        type is ITypeParameterSymbol parameter && _types.TryGetValue(parameter.OriginalDefinition, out ITypeSymbol? found) ? found : type;

    public string NameOf(ITypeParameterSymbol parameter) => TypeNames.Plain(Resolve(parameter));

    private void Add(IReadOnlyList<ITypeParameterSymbol> parameters, IReadOnlyList<ITypeSymbol> arguments, Substitution caller)
    {
        for (int i = 0; i < parameters.Count; i++)
        {
            _types[parameters[i]] = caller.Resolve(arguments[i]);
        }
    }
}
