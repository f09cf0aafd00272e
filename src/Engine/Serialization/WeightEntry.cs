namespace Engine.Serialization;

/// <summary>One tensor of a file: where it lies and how to read it.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="DType">Its type: F64, F32, F16, BF16, I64, I32, I8, U8 … as safetensors names them, or GGUF's Q8_0, Q4_0, Q4_K.</param>
/// <param name="Shape">Sizes of the axes.</param>
/// <param name="Start">First byte, counted from the start of the format's data.</param>
/// <param name="End">One past the last byte.</param>
public sealed record WeightEntry(string Name, string DType, IReadOnlyList<long> Shape, long Start, long End)
{
    /// <summary>Type and shape as messages spell them, for example <c>F32 (768, 3)</c>.</summary>
    internal string Description => Shape.Count == 1 ? $"{DType} ({Shape[0]},)" : $"{DType} ({string.Join(", ", Shape)})";

    /// <summary>The bytes that type and shape ask for; −1 where that is beyond any file or the type is unknown.</summary>
    internal long Bytes
    {
        get
        {
            // Sizes first: one axis of 0 makes all the others harmless.
            if (FileElements.SizeOf(DType) == 0 || Shape.Contains(0))
            {
                return FileElements.SizeOf(DType) == 0 ? -1 : 0;
            }

            Int128 count = 1;
            foreach (long size in Shape)
            {
                count *= size;
                if (count > long.MaxValue)
                {
                    return -1;
                }
            }

            return FileElements.BytesOf(DType, (long)count);
        }
    }
}
