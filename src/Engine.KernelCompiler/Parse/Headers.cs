using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Engine.KernelCompiler;

/// <summary>What the generated half of a type must repeat of its declaration.</summary>
internal static class Headers
{
    /// <summary>Why a generated half cannot be added to a type, or null if it can.</summary>
    public static string? WhyClosed(INamedTypeSymbol type, TypeDeclarationSyntax syntax)
    {
        TypeDeclarationSyntax? closed = syntax.AncestorsAndSelf().OfType<TypeDeclarationSyntax>()
            .FirstOrDefault(t => !t.Modifiers.Any(SyntaxKind.PartialKeyword));
        return closed == syntax ? "it is not partial"
            : closed is not null ? $"the type '{closed.Identifier.Text}' that contains it is not partial"
            : type.IsFileLocal ? "it is visible in its own file only"
            : type.ContainingType is { IsGenericType: true } outer ? $"it lies in the generic type '{outer.Name}'"
            : null;
    }

    public static TypeHeader Of(INamedTypeSymbol type, TypeDeclarationSyntax syntax, string kind)
    {
        string space = type.ContainingNamespace.IsGlobalNamespace ? string.Empty : type.ContainingNamespace.ToDisplayString();
        IEnumerable<string> outer = syntax.Ancestors().OfType<TypeDeclarationSyntax>().Reverse().Select(Declaration);

        // The namespace is part of the name: of two files with one name the compiler would silently drop both.
        string hint = type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat)
            .Replace("global::", string.Empty).Replace("@", string.Empty).Replace('<', '{').Replace('>', '}').Replace(", ", ",");
        return new TypeHeader(space, new(outer), Declaration(syntax), $"{hint}.{kind}.g.cs");
    }

    private static string Declaration(TypeDeclarationSyntax syntax)
    {
        string keyword = syntax is RecordDeclarationSyntax record
            ? (record.Keyword.Text + " " + record.ClassOrStructKeyword.Text).TrimEnd()
            : syntax.Keyword.Text;
        return $"partial {keyword} {syntax.Identifier.Text}{syntax.TypeParameterList}";
    }
}
