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
        Of<Accumulate>(), Of<AlibiSlopes>(), Of<Cast<float, Float32Element, BFloat16, BFloat16Element>>(), Of<Combine<Sum>>(),
        Of<CombineBackward<Product>>(), Of<Compare<float, Less>>(), Of<CopyStrided<float>>(), Of<Dropout>(), Of<Exchange>(),
        Of<Fill<float>>(), Of<GatherBackward>(), Of<GatherForward>(), Of<IndexCheck>(), Of<IndexSelectBackward>(),
        Of<IndexSelectForward>(), Of<Map<GeluTanh>>(), Of<MapBackward<GeluTanh>>(), Of<MaskedFill>(), Of<MultiplyAdds>(), Of<Rotary>(), Of<Select>(),
        Of<SinusoidalTable>(),
    ];

    private static IEnumerable<KernelDescriptor> Rows() =>
    [
        Of<AttentionBackward>(), Of<AttentionBiasBackward>(), Of<AttentionForward>(), Of<AttentionMask>(), Of<BatchNormBackward>(),
        Of<BatchNormForward>(), Of<ColumnSum>(), Of<CumSum>(), Of<EmbeddingBackward>(), Of<EmbeddingForward>(), Of<Gemm<Identity>>(),
        Of<GroupNormBackward>(), Of<GroupNormForward>(), Of<GroupNormParameters>(), Of<L2NormalizeBackward>(), Of<L2NormalizeForward>(),
        Of<LogSumExpBackward>(), Of<LogSumExpForward>(), Of<MaxAxis>(), Of<MaxAxisBackward>(), Of<RowNormBackward>(), Of<RowNormForward>(),
        Of<SoftmaxBackward>(), Of<SoftmaxForward>(), Of<SumAxis>(), Of<SumChunks>(),
        Of<TensorGemm<Identity, BFloat16, BFloat16Element, BFloat16, BFloat16Element>>(), Of<VarAxis>(), Of<VarAxisBackward>(),
    ];

    private static IEnumerable<KernelDescriptor> Losses() =>
    [
        Of<CosineSimilarityBackward>(), Of<CosineSimilarityForward>(), Of<CrossEntropyBackward>(), Of<CrossEntropyForward>(),
        Of<CrossEntropyGradient>(), Of<CrossEntropyTotal>(), Of<CtcBackward>(), Of<CtcCheck>(), Of<CtcForward>(),
        Of<PairLoss<MseLoss>>(), Of<PairLossBackward<MseLoss>>(), Of<ScaledGradient>(), Of<SoftCrossEntropyBackward>(),
        Of<SoftCrossEntropyForward>(),
    ];

    private static IEnumerable<KernelDescriptor> Steps() =>
    [
        Of<AdagradStep>(), Of<AdamStep>(), Of<ClipScale>(), Of<LambApply>(), Of<LambMoments>(), Of<LambTrust>(), Of<Limit>(),
        Of<LionStep>(), Of<MovingAverage>(), Of<Rescale>(), Of<RmsPropStep>(), Of<SgdStep>(), Of<SumOfSquares>(),
    ];

    private static KernelDescriptor<TKernel> Of<TKernel>()
        where TKernel : unmanaged, IKernel => KernelDescriptor<TKernel>.Instance;
}
