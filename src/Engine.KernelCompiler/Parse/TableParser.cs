using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Engine.KernelCompiler;

/// <summary>Reads a struct whose static members kernels call through a type parameter.</summary>
internal static class TableParser
{
    public static TableModel? Parse(INamedTypeSymbol type, TypeDeclarationSyntax syntax, Compilation compilation, CancellationToken cancellation)
    {
        Unit unit = new(compilation, type, cancellation);
        if ((type.IsGenericType ? "it is generic" : Headers.WhyClosed(type, syntax)) is { } why)
        {
            unit.Report(syntax.Identifier.GetLocation(), Rules.Table, type.Name, why);
        }
        else
        {
            Stack.Guard(unit, syntax.Identifier, () => Translate(unit, type, syntax));
        }

        return new TableModel(
            Headers.Of(type, syntax, "Table"), Unit.TypeName(type), new(unit.IsSound ? unit.Declarations : []), new(unit.Findings));
    }

    private static void Translate(Unit unit, INamedTypeSymbol type, TypeDeclarationSyntax syntax)
    {
        foreach (INamedTypeSymbol table in type.AllInterfaces.Where(KernelTypes.IsTable))
        {
            foreach (IMethodSymbol member in table.GetMembers().OfType<IMethodSymbol>()
                .Where(m => m.IsStatic && m.IsAbstract && m.MethodKind == MethodKind.Ordinary))
            {
                if (type.FindImplementationForInterfaceMember(member) is IMethodSymbol own)
                {
                    unit.FunctionOf(own, Substitution.None, [], syntax);
                }
            }
        }
    }
}
