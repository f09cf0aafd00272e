using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Engine.KernelCompiler;

/// <summary>What the generated half of a type must repeat of its declaration.</summary>
internal static class Headers
{
    public static TypeHeader Of(INamedTypeSymbol type, TypeDeclarationSyntax syntax)
    {
        string space = type.ContainingNamespace.IsGlobalNamespace ? string.Empty : type.ContainingNamespace.ToDisplayString();
        IEnumerable<string> outer = syntax.Ancestors().OfType<TypeDeclarationSyntax>().Reverse().Select(Declaration);

        // The namespace is part of the name: of two files with one name the compiler would silently drop both.
        string hint = type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat)
            .Replace("global::", string.Empty).Replace('<', '{').Replace('>', '}').Replace(", ", ",");
        return new TypeHeader(space, new(outer), Declaration(syntax), hint + ".Kernel.g.cs");
    }

    private static string Declaration(TypeDeclarationSyntax syntax)
    {
        string keyword = syntax is RecordDeclarationSyntax record
            ? (record.Keyword.Text + " " + record.ClassOrStructKeyword.Text).TrimEnd()
            : syntax.Keyword.Text;
        return $"partial {keyword} {syntax.Identifier.Text}{syntax.TypeParameterList}";
    }
}
