using System.Runtime.Intrinsics;

namespace Engine;

/// <summary>The list of all SIMD overrides: one line a family, compiled for each vector width.</summary>
internal static class SimdOverrides
{
    /// <summary>The overrides of one level; none at <see cref="SimdLevel.None"/>.</summary>
    public static CpuOverrides For(SimdLevel level)
    {
        CpuOverrides overrides = new();
        switch (level)
        {
            case SimdLevel.Avx512:
                Add<Simd512, Vector512<float>>(overrides);
                break;
            case SimdLevel.Avx2:
                Add<Simd256, Vector256<float>>(overrides);
                break;
            case SimdLevel.Vector128:
                Add<Simd128, Vector128<float>>(overrides);
                break;
            default:
                break;
        }

        return overrides;
    }

    private static void Add<S, V>(CpuOverrides overrides)
        where S : struct, ISimd<V>
        where V : struct
    {
        CopySimd<S, V>.Register(overrides);
        CastSimd<S, V>.Register(overrides);
        GemmSimd<S, V>.Register(overrides);
        Int8LinearSimd<S, V>.Register(overrides);
        Int8RowsSimd<S, V>.Register(overrides);
        ColumnSumSimd<S, V>.Register(overrides);
        CombineSimd<S, V>.Register(overrides);
        MapSimd<S, V>.Register(overrides);
        MultiplyAddsSimd<S, V>.Register(overrides);
        AttentionForwardSimd<S, V>.Register(overrides);
        AttentionBackwardSimd<S, V>.Register(overrides);
        AttentionBiasSimd<S, V>.Register(overrides);
        AdamSimd<S, V>.Register(overrides);
        SumOfSquaresSimd<S, V>.Register(overrides);
        RescaleSimd<S, V>.Register(overrides);
        EmbeddingSimd<S, V>.Register(overrides);
        DropoutSimd<S, V>.Register(overrides);
        RowNormSimd<S, V>.Register(overrides);
        SumSimd<S, V>.Register(overrides);
        SoftmaxSimd<S, V>.Register(overrides);
        CrossEntropySimd<S, V>.Register(overrides);
        LstmSimd<S, V>.Register(overrides);
    }
}
