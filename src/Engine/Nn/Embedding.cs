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

    /// <summary>Rows <paramref name="start"/> … <paramref name="end"/> − 1 as activations of a step: (end − start, width).</summary>
    public Tensor Rows(StepScope step, int start, int end)
    {
        ArgumentNullException.ThrowIfNull(step);
        if (Weight.Value.DType != DType.Int8)
        {
            return step.Use(Weight).Slice(0, start, end);
        }

        Span<int> rows = end - start <= 128 ? stackalloc int[end - start] : new int[end - start];
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] = start + i;
        }

        return Weight.Value.Embedding(step.From<int>(rows, [rows.Length]));
    }
}
