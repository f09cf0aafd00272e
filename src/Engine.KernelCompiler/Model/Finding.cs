using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Engine.KernelCompiler;

/// <summary>A diagnostic to report, by value: a <see cref="Location"/> would keep the whole syntax tree alive.</summary>
internal sealed record Finding(string Id, string Path, TextSpan Span, LinePositionSpan Lines, EquatableArray<string> Arguments)
{
    public static Finding At(SyntaxNode node, DiagnosticDescriptor rule, params string[] arguments) =>
        At(node.GetLocation(), rule, arguments);

    public static Finding At(Location location, DiagnosticDescriptor rule, params string[] arguments) => new(
        rule.Id,
        location.SourceTree?.FilePath ?? string.Empty,
        location.SourceSpan,
        location.GetLineSpan().Span,
        new EquatableArray<string>(arguments));

    public Diagnostic ToDiagnostic() => Diagnostic.Create(
        Rules.Get(Id), Location.Create(Path, Span, Lines), Arguments.Cast<object>().ToArray());
}
