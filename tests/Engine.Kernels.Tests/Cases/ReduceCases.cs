using Engine.KernelLanguage;

namespace Engine.Kernels.Tests.Cases;

internal sealed class ReduceCases : IKernelCases
{
    public static IEnumerable<KernelCase> Cases =>
    [
        KernelCase.Of("last axis", 3, m => new SumAxis<float, Float32Element>(m.In(3 * 33), m.Out(3), 33, 1, 1f)),
        KernelCase.Of("middle axis", 6, m => new SumAxis<float, Float32Element>(m.In(2 * 5 * 3), m.Out(6), 5, 3, 0.2f)),
        KernelCase.Of("fewer elements than lanes", 2, m => new SumAxis<float, Float32Element>(m.In(4), m.Out(2), 2, 1, 1f)),
        KernelCase.Of("nothing", 2, m => new SumAxis<float, Float32Element>(m.In(0), m.Out(2), 0, 1, 1f)),
        KernelCase.Of("overwriting", 2, m => new SumChunks(m.In(3 * (Block.Span + 5)), m.Out(Block.Span + 5), 3, Block.Span + 5, false)),
        KernelCase.Of("accumulating", 1, m => new SumChunks(m.In(3 * 9), m.In(9), 3, 9, true)),
        KernelCase.Of("forwards", 6, m => new CumSum(m.In(2 * 11 * 3), m.Out(66), 11, 3, 1)),
        KernelCase.Of("backwards", 6, m => new CumSum(m.In(2 * 11 * 3), m.Out(66), 11, 3, -1)),
        KernelCase.Of("fewer elements than lanes", 1, m => new CumSum(m.In(3), m.Out(3), 3, 1, 1)),
        KernelCase.Of("maximum", 6, m => new MaxAxis(m.In(2 * 11 * 3), m.Out(6), m.OutInts(6), 11, 3, 1f)),
        KernelCase.Of("minimum", 2, m => new MaxAxis(m.In(66), m.Out(2), m.OutInts(2), 33, 1, -1f)),
        KernelCase.Of("ties", 1, m => new MaxAxis(m.Given([1f, 5, 2, 5, 5, -1, 0, 5]), default, m.OutInts(1), 8, 1, 1f)),
        KernelCase.Of("NaN", 1, m => new MaxAxis(m.Given([1, 5, 2, float.NaN, 7, float.NaN, 0, 5]), m.Out(1), m.OutInts(1), 8, 1, 1f)),
        KernelCase.Of("all −∞", 1, m => new MaxAxis(m.Given([float.NegativeInfinity, float.NegativeInfinity]), m.Out(1), m.OutInts(1), 2, 1, 1f)),
        KernelCase.Of("middle axis", 6, m => new MaxAxisBackward(m.In(6), m.Ints(6, 0, 11), m.Out(66), 11, 3)),
        KernelCase.Of("middle axis", 6, m => new VarAxis(m.In(66, 10, 11), m.Out(6), m.Out(6), 11, 3, 0.1f)),
        KernelCase.Of("middle axis", 6, m => new VarAxisBackward(m.In(66), m.In(6), m.In(6), m.Out(66), 11, 3, 0.1f)),
        KernelCase.Of("middle axis", 6, m => new LogSumExpForward(m.In(66, 80, 100), m.Out(6), 11, 3)),
        KernelCase.Of("infinities", 2, m => new LogSumExpForward(m.Given([float.NegativeInfinity, float.NegativeInfinity, 1, float.PositiveInfinity]), m.Out(2), 2, 1)),
        KernelCase.Of("middle axis", 6, m => new LogSumExpBackward(m.In(66), m.In(6, 2, 3), m.In(6), m.Out(66), 11, 3)),
        KernelCase.Of("middle axis", 6, m => new L2NormalizeForward(m.In(66), m.Out(66), m.Out(6), 11, 3, 1e-12f)),
        KernelCase.Of("below eps", 6, m => new L2NormalizeForward(m.In(66), m.Out(66), m.Out(6), 11, 3, 100f)),
        KernelCase.Of("middle axis", 6, m => new L2NormalizeBackward(m.In(66), m.In(6, 1, 2), m.In(66), m.Out(66), 11, 3, 1.5f)),
    ];
}
