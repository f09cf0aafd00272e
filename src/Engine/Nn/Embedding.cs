namespace Engine.Nn;

/// <summary>A table of vectors, one for each index.</summary>
public sealed class Embedding : Module
{
    /// <summary>A table.</summary>
    /// <param name="device">Where it lives.</param>
    /// <param name="count">Rows: vocabulary size or positions.</param>
    /// <param name="width">Columns: the model width C.</param>
    /// <param name="initializer">First values.</param>
    public Embedding(Device device, int count, int width, Initializer initializer)
        : base(device) => Weight = Param("weight", [count, width], initializer);

    /// <summary>The table (count, width).</summary>
    public Parameter Weight { get; }

    /// <summary>indices (…) int32 → (…, width).</summary>
    public Tensor Forward(Tensor indices) => Weight.Value.Embedding(indices);
}
