using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Engine.KernelCompiler;

/// <summary>Reads a struct whose static members kernels call through a type parameter.</summary>
internal static class TableParser
{
    public static TableModel? Parse(INamedTypeSymbol type, TypeDeclarationSyntax syntax, Compilation compilation, CancellationToken cancellation)
    {
        Unit unit = new(compilation, type, cancellation);
        bool whole = syntax.Modifiers.Any(m => m.Text == "partial")
            && syntax.Ancestors().OfType<TypeDeclarationSyntax>().All(t => t.Modifiers.Any(m => m.Text == "partial"));
        if (!whole)
        {
            unit.Report(syntax.Identifier.GetLocation(), Rules.Table, type.Name);
        }

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

        return new TableModel(
            Headers.Of(type, syntax), Unit.TypeName(type), new(unit.Findings.Count == 0 ? unit.Declarations : []), new(unit.Findings));
    }
}
