using Microsoft.CodeAnalysis;

namespace Engine.KernelCompiler;

/// <summary>The C names of C# types.</summary>
internal static class TypeNames
{
    /// <summary>The C name of a number or element type, a table or a type parameter; null for others.</summary>
    public static string? Number(ITypeSymbol type) => type.SpecialType switch
    {
        SpecialType.System_Single => "float",
        SpecialType.System_Int32 => "int",
        SpecialType.System_UInt32 => "uint",
        SpecialType.System_Int64 => "i64",
        SpecialType.System_UInt64 => "u64",
        SpecialType.System_Byte => "u8",
        SpecialType.System_SByte => "i8",
        SpecialType.System_Int16 => "i16",
        SpecialType.System_UInt16 => "u16",
        SpecialType.System_Boolean => "bool",
        _ when type is INamedTypeSymbol { EnumUnderlyingType: { } underlying } => Number(underlying),
        _ when KernelTypes.IsLanguageType(type, "BFloat16") => "bf16",
        _ when type is { Name: "Half", ContainingNamespace.Name: "System" } => "f16",
        _ => null,
    };

    /// <summary>A name for use inside other names.</summary>
    public static string Plain(ITypeSymbol type) => type switch
    {
        ITypeParameterSymbol p => Spelling.Hole(p.Name),
        INamedTypeSymbol n => Number(n) ?? Unit.TypeName(n),
        _ => type.Name,
    };

    /// <summary>The types that the preludes declare.</summary>
    public static bool InPrelude(ITypeSymbol type) =>
        KernelTypes.IsLanguageType(type, "Layout") || KernelTypes.IsLanguageType(type, "FragmentA")
        || KernelTypes.IsLanguageType(type, "FragmentB") || KernelTypes.IsLanguageType(type, "FragmentC") || (type.Name == "Words" && KernelTypes.IsLanguageType(type.ContainingType, "Philox"));
}
