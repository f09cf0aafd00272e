using System.Globalization;
using Microsoft.CodeAnalysis.CSharp;

namespace Engine.KernelCompiler;

/// <summary>How things are spelt in C, and in the two dialects where they differ.</summary>
internal static class Spelling
{
    // Words of C, OpenCL C and CUDA C++ that are names in C#, and library functions that a local would hide.
    private static readonly HashSet<string> s_taken =
    [
        "auto", "register", "signed", "unsigned", "typedef", "union", "restrict", "inline", "asm", "export", "friend", "mutable",
        "template", "typename", "delete", "bitand", "bitor", "compl", "and", "or", "not", "xor", "kernel", "global", "local",
        "constant", "generic", "pipe", "half", "quad", "complex", "imaginary", "image2d_t", "sampler_t", "event_t", "i8", "u8",
        "i16", "u16", "i64", "u64", "f16", "bf16", "uchar", "ushort", "ulong", "bool2", "float2", "float3", "float4", "float8",
        "float16", "int2", "int3", "int4", "int8", "int16", "uint2", "uint3", "uint4", "exp", "log", "pow", "sqrt", "rsqrt",
        "tanh", "sin", "cos", "tan", "fabs", "abs", "fma", "mad", "min", "max", "dot", "cross", "length", "distance", "normalize",
        "clamp", "mix", "step", "sign", "select", "floor", "ceil", "round", "trunc", "erf", "expm1", "log1p", "fmod", "barrier",
        "y0", "y1", "j0", "j1", "yn", "jn", "gamma", "lgamma", "tgamma", "nan", "hypot", "degrees", "radians", "any", "all", "popcount",
        "threadIdx", "blockIdx", "blockDim", "gridDim", "warpSize", "self", "LANES", "Layout", "main", "NULL", "INFINITY", "NAN",
    ];

    // How the names begin and end that the compiler and the preludes make.
    private static readonly string[] s_reserved = ["eng_", "ENG_", "SPEC_", "__"];
    private static readonly string[] s_made = ["_base", "_offset", "_length", "_"];

    /// <summary>Both spellings of something.</summary>
    public static string Choice(string cuda, string openCl) => $"\u0001{cuda}\u0002{openCl}\u0003";

    /// <summary>What the type argument of <paramref name="parameter"/> will be called.</summary>
    public static string Hole(string parameter) => $"\u0004{parameter}\u0003";

    /// <summary>The qualifiers of a helper function; PoCL miscompiles barriers in helpers that are not always inlined.</summary>
    public static string Helper { get; } =
        Choice("static __device__ __forceinline__", "static inline __attribute__((always_inline))");

    /// <summary>A pointer's kind of memory, which only OpenCL spells out.</summary>
    public static string Memory(Space space) => space switch
    {
        Space.Global => Choice(string.Empty, "__global "),
        Space.Shared => Choice(string.Empty, "__local "),
        _ => string.Empty,
    };

    /// <summary>A name that is free in both dialects.</summary>
    public static string Name(string name)
    {
        name = name.All(c => c < 128) ? name : string.Concat(name.Select(c => c < 128 ? c.ToString() : $"_u{(int)c:x4}"));
        bool taken = s_taken.Contains(name) || SyntaxFacts.GetKeywordKind(name) != SyntaxKind.None
            || s_reserved.Any(p => name.StartsWith(p, StringComparison.Ordinal)) || s_made.Any(p => name.EndsWith(p, StringComparison.Ordinal));
        return taken ? name + "_" : name;
    }

    /// <summary>A number as C writes it, with its type.</summary>
    public static string Literal(object? value) => value switch
    {
        bool b => b ? "true" : "false",
        float f when float.IsNaN(f) => "ENG_NAN",
        float f when float.IsInfinity(f) => f > 0 ? "ENG_INFINITY" : "(-ENG_INFINITY)",
        float f when f == 0f && 1f / f < 0f => "(-0.0f)",
        float f => Signed(FloatText(f)),
        int.MinValue => "(-2147483647 - 1)",
        int i => Signed(i.ToString(CultureInfo.InvariantCulture)),
        long.MinValue => Choice("(-9223372036854775807LL - 1)", "(-9223372036854775807L - 1)"),
        long l => Signed(l.ToString(CultureInfo.InvariantCulture) + Choice("LL", "L")),
        ulong u => u.ToString(CultureInfo.InvariantCulture) + Choice("ULL", "UL"),
        uint u => u.ToString(CultureInfo.InvariantCulture) + "u",
        byte or sbyte or short or ushort => Signed(Convert.ToInt32(value, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture)),
        _ => string.Empty,
    };

    private static string FloatText(float value)
    {
        string text = value.ToString("R", CultureInfo.InvariantCulture);
        if (float.Parse(text, CultureInfo.InvariantCulture) != value)
        {
            text = value.ToString("G9", CultureInfo.InvariantCulture);
        }

        text = text.Replace("E", "e");
        return text.Contains('.') || text.Contains('e') ? text + "f" : text + ".0f";
    }

    private static string Signed(string text) => text.StartsWith("-", StringComparison.Ordinal) ? $"({text})" : text;
}
