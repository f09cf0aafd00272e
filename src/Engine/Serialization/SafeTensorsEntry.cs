namespace Engine.Serialization;

/// <summary>One tensor of a safetensors file: where it lies and how to read it.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="DType">The format's own type name: F64, F32, F16, BF16, I64, I32, I8, U8 …</param>
/// <param name="Shape">Sizes of the axes.</param>
/// <param name="Start">First byte, counted from the start of the data.</param>
/// <param name="End">One past the last byte.</param>
public sealed record SafeTensorsEntry(string Name, string DType, IReadOnlyList<long> Shape, long Start, long End)
{
    /// <summary>Type and shape as messages spell them, for example <c>F32 (768, 3)</c>.</summary>
    internal string Description => Shape.Count == 1 ? $"{DType} ({Shape[0]},)" : $"{DType} ({string.Join(", ", Shape)})";
}
