using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Engine.KernelCompiler;

/// <summary>Reads a [Kernel] struct into a model.</summary>
internal static class KernelParser
{
    public static KernelModel Parse(INamedTypeSymbol type, TypeDeclarationSyntax syntax, Compilation compilation, CancellationToken cancellation)
    {
        Unit unit = new(compilation, type, cancellation);
        IMethodSymbol? execute = type.GetMembers("Execute").OfType<IMethodSymbol>()
            .FirstOrDefault(m => !m.IsStatic && m.Parameters.Length == 1 && KernelTypes.IsBlock(m.Parameters[0].Type));
        string? wrong = Wrong(type, syntax, execute);
        IParameterSymbol[] parameters = KernelParameters.Constructor(type)?.Parameters.ToArray() ?? [];
        if (wrong is not null)
        {
            unit.Report(syntax.Identifier.GetLocation(), Rules.Shape, type.Name, wrong);
        }
        else
        {
            Stack.Guard(unit, syntax.Identifier, () =>
            {
                Translate(unit, execute!, parameters);
                Divergence.Check(unit, execute!);
            });
        }

        return new KernelModel(
            Headers.Of(type, syntax, "Kernel"),
            Unit.TypeName(type),
            Path.GetFileName(syntax.SyntaxTree.FilePath),
            Lanes(type),
            new(parameters.Select(p => ToModel(unit, p))),
            new(type.TypeParameters.Select(p => new TypeParameter(p.Name, KernelTypes.IsTable(p)))),
            new(unit.IsSound ? unit.Declarations : []),
            new(unit.Findings));
    }

    private static string? Wrong(INamedTypeSymbol type, TypeDeclarationSyntax syntax, IMethodSymbol? execute)
    {
        return Headers.WhyClosed(type, syntax) is { } why ? why
            : !type.IsReadOnly ? "it is not readonly"
            : !type.IsRecord ? "it is not a record"
            : !type.AllInterfaces.Any(i => KernelTypes.IsLanguageType(i, "IKernel")) ? "it does not implement IKernel"
            : execute is null ? "it has no public Execute(in Block b)"
            : KernelParameters.Constructor(type) is null ? "it has no primary constructor"
            : null;
    }

    private static void Translate(Unit unit, IMethodSymbol execute, IParameterSymbol[] parameters)
    {
        foreach (IParameterSymbol parameter in parameters)
        {
            CheckParameter(unit, parameter);
        }

        EntryPoint.Declare(unit, execute, parameters);
    }

    private static void CheckParameter(Unit unit, IParameterSymbol parameter)
    {
        ITypeSymbol type = KernelTypes.IsView(parameter.Type) ? KernelTypes.Element(parameter.Type) : parameter.Type;
        bool good = type is ITypeParameterSymbol || TypeNames.Number(type) is not null || TypeNames.InPrelude(type)
            || (type is INamedTypeSymbol { IsUnmanagedType: true, TypeKind: TypeKind.Struct, IsGenericType: false, SpecialType: SpecialType.None } named
                && unit.SyntaxOf(named) is not null && unit.DeclareStruct(named, FieldType));
        string? FieldType(ITypeSymbol field) => TypeNames.Number(field)
            ?? (TypeNames.InPrelude(field) || (field is INamedTypeSymbol { TypeKind: TypeKind.Struct, SpecialType: SpecialType.None } inner
                && unit.SyntaxOf(inner) is not null && unit.DeclareStruct(inner, FieldType)) ? TypeNames.Plain(field) : null);
        if (!good)
        {
            unit.Report(
                parameter.Locations[0], Rules.ParameterType, parameter.Name, parameter.Type.ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat));
        }
    }

    private static Parameter ToModel(Unit unit, IParameterSymbol parameter) => new(
        parameter.Name,
        parameter.Type.ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat),
        KernelTypes.IsView(parameter.Type) ? ParameterKind.View
            : KernelParameters.Has(parameter, "SpecializeAttribute") ? ParameterKind.Specialized
            : ParameterKind.Value,
        KernelParameters.Has(parameter, "UnaliasedAttribute"),
        unit.Lengths.Contains(parameter.Name));

    private static int Lanes(INamedTypeSymbol type) => type.GetAttributes()
        .Where(a => KernelTypes.IsLanguageType(a.AttributeClass, "KernelAttribute"))
        .SelectMany(a => a.NamedArguments)
        .Where(a => a.Key == "Lanes")
        .Select(a => a.Value.Value is int lanes ? lanes : 0)
        .FirstOrDefault();
}
