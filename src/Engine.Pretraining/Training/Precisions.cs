namespace Engine.Pretraining.Training;

/// <summary>What the values of the configuration key <c>precision</c> mean.</summary>
internal static class Precisions
{
    /// <summary>The names, the default first.</summary>
    public static IReadOnlyList<string> Names { get; } = ["fp32", "bf16", "fp16"];

    /// <summary>The type in which ops read weights and write activations; masters, sums and the loss are float32.</summary>
    public static DType StorageOf(string precision) => precision switch
    {
        "bf16" => DType.BFloat16,
        "fp16" => DType.Float16,
        _ => DType.Float32,
    };

    /// <summary>Whether gradients would leave the range of the type without loss scaling; bf16 has that of float32.</summary>
    public static bool NeedsLossScaling(string precision) => precision == "fp16";
}
