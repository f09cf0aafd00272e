using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Engine.KernelCompiler;

/// <summary>
/// Writes the other half of every [Kernel] struct (device text and argument binding) and of every table of functions that
/// kernels call through a type parameter. What cannot be translated is reported where it stands.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class KernelGenerator : IIncrementalGenerator
{
    internal const string KernelStage = "Kernels";
    internal const string TableStage = "Tables";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValuesProvider<KernelModel> kernels = context.SyntaxProvider.ForAttributeWithMetadataName(
            "Engine.KernelLanguage.KernelAttribute",
            static (node, _) => node is TypeDeclarationSyntax,
            static (c, cancellation) => KernelParser.Parse(
                (INamedTypeSymbol)c.TargetSymbol, (TypeDeclarationSyntax)c.TargetNode, c.SemanticModel.Compilation, cancellation))
            .WithTrackingName(KernelStage);
        context.RegisterSourceOutput(kernels, static (output, model) =>
        {
            Report(output, model.Findings);
            if (!model.Findings.Any(f => f.Id == Rules.Shape.Id))
            {
                output.AddSource(model.Header.HintName, SourceText.From(CSharpPrinter.Kernel(model), Encoding.UTF8));
            }
        });

        IncrementalValuesProvider<TableModel> tables = context.SyntaxProvider.CreateSyntaxProvider(
            static (node, _) => node is StructDeclarationSyntax { BaseList: not null } or RecordDeclarationSyntax { BaseList: not null },
            static (c, cancellation) => c.SemanticModel.GetDeclaredSymbol(c.Node, cancellation) is INamedTypeSymbol { TypeKind: TypeKind.Struct } type
                && KernelTypes.IsTable(type) && IsFirstPart(type, c.Node, cancellation)
                    ? TableParser.Parse(type, (TypeDeclarationSyntax)c.Node, c.SemanticModel.Compilation, cancellation)
                    : null)
            .Where(static model => model is not null)
            .Select(static (model, _) => model!)
            .WithTrackingName(TableStage);
        context.RegisterSourceOutput(tables, static (output, model) =>
        {
            Report(output, model.Findings);
            if (!model.Findings.Any(f => f.Id == Rules.Table.Id))
            {
                output.AddSource(model.Header.HintName, SourceText.From(CSharpPrinter.Table(model), Encoding.UTF8));
            }
        });
    }

    /// <summary>Of the parts of a partial struct, each of which may name interfaces, one stands for all.</summary>
    private static bool IsFirstPart(INamedTypeSymbol type, SyntaxNode part, CancellationToken cancellation) =>
        type.DeclaringSyntaxReferences.Select(r => r.GetSyntax(cancellation)).First(s => s is TypeDeclarationSyntax { BaseList: not null }) == part;

    private static void Report(SourceProductionContext output, EquatableArray<Finding> findings)
    {
        foreach (Finding finding in findings)
        {
            output.ReportDiagnostic(finding.ToDiagnostic());
        }
    }
}
