using Microsoft.CodeAnalysis;

namespace Engine.KernelCompiler;

/// <summary>The functions of .NET that kernels may call, as formats of their arguments. More are in KMath.</summary>
internal static class LibraryFunctions
{
    private static readonly Dictionary<string, (string Cuda, string OpenCl)> s_float = new()
    {
        ["Exp"] = ("expf", "exp"),
        ["Log"] = ("logf", "log"),
        ["Pow"] = ("powf", "pow"),
        ["Sqrt"] = ("sqrtf", "sqrt"),
        ["Tanh"] = ("tanhf", "tanh"),
        ["Sin"] = ("sinf", "sin"),
        ["Cos"] = ("cosf", "cos"),
        ["Abs"] = ("fabsf", "fabs"),
        ["Floor"] = ("floorf", "floor"),
        ["Ceiling"] = ("ceilf", "ceil"),
        ["Truncate"] = ("truncf", "trunc"),
        ["FusedMultiplyAdd"] = ("fmaf", "fma"),
        ["CopySign"] = ("copysignf", "copysign"),
        ["Max"] = ("eng_max", "eng_max"),
        ["Min"] = ("eng_min", "eng_min"),
    };

    /// <summary>The format of a call, or null for a method that has no device form.</summary>
    public static string? Find(IMethodSymbol method)
    {
        string type = method.ContainingType.ToDisplayString();
        SpecialType first = method.Parameters.FirstOrDefault()?.Type.SpecialType ?? SpecialType.None;
        return type switch
        {
            "System.MathF" when s_float.TryGetValue(method.Name, out (string Cuda, string OpenCl) f)
                && method.Parameters.All(p => p.Type.SpecialType == SpecialType.System_Single) && method.Parameters.Length == Arity(method.Name) => Format(Choice(f), method),
            "System.Math" => Integer(method, first),
            "float" => method.Name switch
            {
                "IsNaN" => "eng_isnan({0})",
                "IsInfinity" => "eng_isinf({0})",
                "IsFinite" => "eng_isfinite({0})",
                "IsNegativeInfinity" => "(({0}) == -ENG_INFINITY)",
                "IsPositiveInfinity" => "(({0}) == ENG_INFINITY)",
                "Max" => "eng_max({0}, {1})",
                "Min" => "eng_min({0}, {1})",
                "Abs" => Format(Choice(s_float["Abs"]), method),
                _ => null,
            },
            "System.BitConverter" => method.Name switch
            {
                "SingleToUInt32Bits" => "eng_bits({0})",
                "UInt32BitsToSingle" => "eng_from_bits({0})",
                _ => null,
            },
            _ => null,
        };
    }

    private static int Arity(string name) => name switch
    {
        "Pow" or "CopySign" or "Max" or "Min" => 2,
        "FusedMultiplyAdd" => 3,
        _ => 1,
    };

    private static string? Integer(IMethodSymbol method, SpecialType type)
    {
        string? suffix = type switch
        {
            SpecialType.System_Int32 => "i32",
            SpecialType.System_Int64 => "i64",
            SpecialType.System_Single => string.Empty,
            _ => null,
        };
        return (method.Name, suffix) switch
        {
            (_, null) => null,
            ("Abs", "") => Format(Choice(s_float["Abs"]), method),
            ("Abs", "i32") => "eng_abs_i32({0})",
            ("Min" or "Max", "") => $"eng_{method.Name.ToLowerInvariant()}({{0}}, {{1}})",
            ("Min" or "Max", _) => $"eng_{method.Name.ToLowerInvariant()}_{suffix}({{0}}, {{1}})",
            _ => null,
        };
    }

    private static string Choice((string Cuda, string OpenCl) name) =>
        name.Cuda == name.OpenCl ? name.Cuda : Spelling.Choice(name.Cuda, name.OpenCl);

    private static string Format(string name, IMethodSymbol method) =>
        $"{name}({string.Join(", ", method.Parameters.Select((_, i) => $"{{{i}}}"))})";
}
