using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>
/// The engine's kernels, a generic one as one instance or as few as show its kinds: what <c>engine kernels</c> lists and
/// what is compiled ahead of time. A test finds a kernel that is missing here.
/// </summary>
public static class KernelCatalog
{
    /// <summary>One descriptor for each entry, by name.</summary>
    public static IReadOnlyList<KernelDescriptor> All => Entries.Value;

    private static readonly Lazy<KernelDescriptor[]> Entries = new(() =>
        [.. Elementwise().Concat(Rows()).Concat(Losses()).Concat(Steps()).OrderBy(d => d.Name, StringComparer.Ordinal)]);

    private static IEnumerable<KernelDescriptor> Elementwise() =>
    [
        Of<Accumulate<float, Float32Element, float, Float32Element>>(), Of<AlibiSlopes>(), Of<Cast<float, Float32Element, BFloat16, BFloat16Element>>(), Of<Combine<Sum, float, Float32Element>>(),
        Of<CombineBackward<Product, float, Float32Element>>(), Of<Compare<float, Less>>(), Of<CopyStrided<float>>(), Of<Dropout<float, Float32Element>>(), Of<Exchange>(),
        Of<Fill<float>>(), Of<GatherBackward>(), Of<GatherForward>(), Of<IndexCheck>(), Of<IndexSelectBackward>(),
        Of<IndexSelectForward>(), Of<Int8Rows>(), Of<Map<GeluTanh, float, Float32Element>>(), Of<MapBackward<GeluTanh, float, Float32Element>>(), Of<MaskedFill>(), Of<MultiplyAdds>(), Of<Rotary<float, Float32Element>>(), Of<Select>(),
        Of<SinusoidalTable>(),
    ];

    private static IEnumerable<KernelDescriptor> Rows() =>
    [
        Of<AttentionBackward<float, Float32Element>>(), Of<AttentionBiasBackward<float, Float32Element>>(), Of<AttentionForward<float, Float32Element>>(), Of<AttentionMask>(), Of<BatchNormBackward>(),
        Of<BatchNormForward>(), Of<ColumnSum<float, Float32Element>>(), Of<CumSum>(), Of<EmbeddingBackward<float, Float32Element>>(), Of<EmbeddingForward<float, Float32Element>>(), Of<Gemm<Identity>>(),
        Of<GroupNormBackward>(), Of<GroupNormForward>(), Of<GroupNormParameters>(), Of<L2NormalizeBackward>(), Of<L2NormalizeForward>(),
        Of<Int8Linear<Identity>>(), Of<LogSumExpBackward>(), Of<LogSumExpForward>(), Of<LstmBackward>(), Of<LstmForward>(), Of<MaxAxis>(), Of<MaxAxisBackward>(),
        Of<PipelinedGemm<Identity, BFloat16, BFloat16Element, BFloat16, BFloat16Element>>(),
        Of<RowNormBackward<float, Float32Element>>(), Of<RowNormForward<float, Float32Element>>(),
        Of<SoftmaxBackward>(), Of<SoftmaxForward>(), Of<SumAxis<float, Float32Element>>(), Of<SumChunks>(),
        Of<TensorGemm<Identity, BFloat16, BFloat16Element, BFloat16, BFloat16Element>>(), Of<VarAxis>(), Of<VarAxisBackward>(),
    ];

    private static IEnumerable<KernelDescriptor> Losses() =>
    [
        Of<CosineSimilarityBackward>(), Of<CosineSimilarityForward>(), Of<CrossEntropyBackward<float, Float32Element>>(), Of<CrossEntropyForward<float, Float32Element>>(),
        Of<CrossEntropyGradient<float, Float32Element>>(), Of<CrossEntropyTotal>(), Of<CtcBackward>(), Of<CtcCheck>(), Of<CtcForward>(),
        Of<PairLoss<MseLoss>>(), Of<PairLossBackward<MseLoss>>(), Of<ScaledGradient<float, Float32Element>>(), Of<SoftCrossEntropyBackward>(),
        Of<SoftCrossEntropyForward>(),
    ];

    private static IEnumerable<KernelDescriptor> Steps() =>
    [
        Of<AdafactorApply>(), Of<AdafactorColumnMoments>(), Of<AdafactorColumns>(), Of<AdafactorNorms>(), Of<AdafactorRows>(), Of<AdafactorScale>(),
        Of<AdagradStep>(), Of<AdamStep>(), Of<ClipScale>(), Of<LambApply>(), Of<LambMoments>(), Of<LambTrust>(), Of<Limit>(),
        Of<LionStep>(), Of<MovingAverage>(), Of<Rescale>(), Of<RmsPropStep>(), Of<SgdStep>(), Of<SumOfSquares>(),
    ];

    private static KernelDescriptor<TKernel> Of<TKernel>()
        where TKernel : unmanaged, IKernel => KernelDescriptor<TKernel>.Instance;
}
