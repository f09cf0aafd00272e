using Microsoft.CodeAnalysis;

namespace Engine.KernelCompiler;

/// <summary>The parameters of the kernel being translated: the primary constructor's.</summary>
internal static class KernelParameters
{
    /// <summary>A struct's primary constructor, which is its declaration itself.</summary>
    public static IMethodSymbol? Constructor(INamedTypeSymbol type) => type.InstanceConstructors.FirstOrDefault(c =>
        !c.IsImplicitlyDeclared && c.DeclaringSyntaxReferences.Any(r => r.GetSyntax() is Microsoft.CodeAnalysis.CSharp.Syntax.TypeDeclarationSyntax));

    public static IParameterSymbol? Find(Unit unit, string name) =>
        Constructor(unit.Root)?.Parameters.FirstOrDefault(p => p.Name == name);

    public static bool IsOf(Unit unit, IParameterSymbol parameter) =>
        SymbolEqualityComparer.Default.Equals(parameter.ContainingSymbol?.OriginalDefinition, Constructor(unit.Root));

    public static bool IsSpecialized(Unit unit, string name) => Find(unit, name) is { } p && Has(p, "SpecializeAttribute");

    public static bool Has(IParameterSymbol parameter, string attribute) =>
        parameter.GetAttributes().Any(a => KernelTypes.IsLanguageType(a.AttributeClass, attribute));

    /// <summary>A captured kernel parameter as parameter of a helper function.</summary>
    public static string Declaration(Unit unit, string name)
    {
        IParameterSymbol parameter = Find(unit, name)!;
        return $"{Type(parameter.Type)} {Spelling.Name(name)}";
    }

    /// <summary>The C type of a kernel parameter inside functions.</summary>
    public static string Type(ITypeSymbol type) =>
        KernelTypes.IsView(type) ? Spelling.Memory(Space.Global) + Element(type) + "*" : TypeNames.Plain(type);

    /// <summary>The C type of a view's elements in memory.</summary>
    public static string Element(ITypeSymbol view)
    {
        ITypeSymbol element = KernelTypes.Element(view);
        return element.SpecialType == SpecialType.System_Boolean ? "u8" : TypeNames.Plain(element);
    }
}
