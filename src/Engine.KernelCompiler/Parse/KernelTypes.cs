using Microsoft.CodeAnalysis;

namespace Engine.KernelCompiler;

/// <summary>Recognises the types of the kernel language.</summary>
internal static class KernelTypes
{
    private const string Language = "Engine.KernelLanguage";

    public static bool IsLanguageType(ITypeSymbol? type, string name) =>
        type is INamedTypeSymbol named && named.Name == name && named.ContainingNamespace?.ToDisplayString() == Language;

    public static bool IsView(ITypeSymbol? type) => IsLanguageType(type, "View");

    public static bool IsBlock(ITypeSymbol? type) => IsLanguageType(type, "Block");

    public static bool IsSpan(ITypeSymbol? type) =>
        type is INamedTypeSymbol { Name: "Span" or "ReadOnlySpan", ContainingNamespace.Name: "System", Arity: 1 };

    /// <summary>The element type of a view or span.</summary>
    public static ITypeSymbol Element(ITypeSymbol type) => ((INamedTypeSymbol)type).TypeArguments[0];

    /// <summary>Whether an interface is, or derives from, the root of the tables of functions.</summary>
    public static bool IsTable(ITypeSymbol type) => type.AllInterfaces.Any(i => IsLanguageType(i, "IDeviceFunctions"));

    /// <summary>Whether a type parameter stands for a table of functions.</summary>
    public static bool IsTable(ITypeParameterSymbol parameter) =>
        parameter.ConstraintTypes.Any(t => IsTable(t) || IsLanguageType(t, "IDeviceFunctions"));

    /// <summary>The [Intrinsic] of a method or property.</summary>
    public static Intrinsic? Intrinsic(ISymbol symbol)
    {
        AttributeData? data = symbol.GetAttributes().FirstOrDefault(a => IsLanguageType(a.AttributeClass, "IntrinsicAttribute"));
        if (data is null || data.ConstructorArguments.Length < 2)
        {
            return null;
        }

        bool Flag(string name) => data.NamedArguments.Any(a => a.Key == name && a.Value.Value is true);
        return new Intrinsic(
            (string?)data.ConstructorArguments[0].Value ?? string.Empty,
            (string?)data.ConstructorArguments[1].Value ?? string.Empty,
            Flag("Collective"),
            Flag("Scratch"),
            Flag("PerLane"));
    }
}

/// <summary>How a member is spelt on devices.</summary>
/// <param name="Cuda">The CUDA C++ spelling.</param>
/// <param name="OpenCl">The OpenCL C spelling.</param>
/// <param name="Collective">Whether every lane of the block must call it.</param>
/// <param name="Scratch">Whether it needs the block's scratch memory.</param>
/// <param name="PerLane">Whether its result differs from lane to lane.</param>
internal sealed record Intrinsic(string Cuda, string OpenCl, bool Collective, bool Scratch, bool PerLane)
{
    public string Name => Cuda == OpenCl ? Cuda : Spelling.Choice(Cuda, OpenCl);
}
