namespace Engine.Serialization;

/// <summary>A tensor to write to a GGUF file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Float32 values.</param>
/// <param name="Type">F32, F16, BF16, Q8_0, Q4_0 or Q4_K; the last axis must be whole blocks.</param>
/// <param name="RotaryHead">Rows of a head whose rows go from Hugging Face's order to GGUF's; 0 leaves the rows as they are.</param>
public sealed record GgufTensor(string Name, Tensor Value, string Type, int RotaryHead = 0)
{
    /// <summary>Numbers of a type that lie together in a block; 1 for F32, F16 and BF16.</summary>
    public static int BlockOf(string type) => QuantBlocks.ElementsOf(type);
}

/// <summary>The numbers of GGUF's tensor types (ggml.h, enum ggml_type), as far as they are read.</summary>
internal static class GgufTypes
{
    private static readonly (uint Number, string Name)[] s_types =
    [
        (0, "F32"), (1, "F16"), (2, "Q4_0"), (3, "Q4_1"), (6, "Q5_0"), (7, "Q5_1"), (8, "Q8_0"), (12, "Q4_K"), (13, "Q5_K"), (14, "Q6_K"), (15, "Q8_K"), (24, "I8"), (25, "I16"), (26, "I32"), (27, "I64"), (28, "F64"), (30, "BF16"),
    ];

    /// <summary>The names, for messages.</summary>
    public static string Known { get; } = string.Join(", ", s_types.Select(t => $"{t.Number} ({t.Name})"));

    /// <summary>The name of a number; null if it is not read.</summary>
    public static string? NameOf(uint number) => Array.Find(s_types, t => t.Number == number).Name;

    /// <summary>The number of a name.</summary>
    public static uint NumberOf(string name) => Array.Find(s_types, t => t.Name == name).Number;
}
