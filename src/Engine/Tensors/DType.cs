namespace Engine;

/// <summary>Element types. bf16 and fp16 are storage: arithmetic accumulates in float32.</summary>
public enum DType
{
    /// <summary>32-bit IEEE float; the default.</summary>
    Float32,

    /// <summary>bfloat16: the upper half of a float32.</summary>
    BFloat16,

    /// <summary>16-bit IEEE float.</summary>
    Float16,

    /// <summary>32-bit signed integer: indices, labels and masks.</summary>
    Int32,

    /// <summary>
    /// 8-bit signed integer with one float32 scale for each output channel: the weights of a matrix, for inference only. Made by
    /// <see cref="Tensor.QuantizeInt8"/>, read by Linear, Conv1D and Embedding.
    /// </summary>
    Int8,
}

/// <summary>Facts about element types.</summary>
public static class DTypeExtensions
{
    /// <summary>Bytes of one element.</summary>
    public static int Size(this DType dtype) => dtype switch
    {
        DType.Float32 or DType.Int32 => 4,
        DType.Int8 => 1,
        _ => 2,
    };

    /// <summary>The name as the field spells it: float32, bfloat16, float16, int32, int8.</summary>
    public static string Name(this DType dtype) => dtype switch
    {
        DType.Float32 => "float32",
        DType.BFloat16 => "bfloat16",
        DType.Float16 => "float16",
        DType.Int8 => "int8",
        _ => "int32",
    };

    /// <summary>True for the types that can carry a gradient.</summary>
    public static bool IsFloat(this DType dtype) => dtype is not (DType.Int32 or DType.Int8);
}
