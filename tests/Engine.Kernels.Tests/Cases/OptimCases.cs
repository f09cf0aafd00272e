using Engine.KernelLanguage;

namespace Engine.Kernels.Tests.Cases;

internal sealed class OptimCases : IKernelCases
{
    private const long N = Block.Span + 37;
    private const int Partial = 19;
    private const int Rows = 13;
    private const int Columns = 97;

    public static IEnumerable<KernelCase> Cases =>
    [
        KernelCase.Of("clipped", Block.Cover(N), m => new AdagradStep(m.In(N), m.In(N), m.In(N, 0, 1), m.In(1), 0.5f, 0.1f, 0.01f, 1e-8f, N)),
        KernelCase.Of("decoupled", Block.Cover(N), m => new AdamStep(
            m.In(N), m.In(N), m.In(N), m.In(N, 0, 1), default, default, 1f, 0.1f, 0.99f, 0f, 0.1f, 0.01f, 1.5f, 1e-8f, N)),
        KernelCase.Of("with all arguments", Block.Cover(N), m => new AdamStep(
            m.In(N), m.In(N), m.In(N), m.In(N, 0, 1), m.In(N, 0, 1), m.In(1), 0.5f, 0.1f, 1f, 0.1f, 0.1f, 0.01f, 1.5f, 1e-8f, N)),
        KernelCase.Of("clipped", Block.Cover(N), m => new LionStep(m.In(N), m.In(N), m.In(N), m.In(1), 0.5f, 0.1f, 0.99f, 0.1f, 0.01f, N)),
        KernelCase.Of("clipped", Block.Cover(N), m => new RmsPropStep(m.In(N), m.In(N), m.In(N, 0, 1), m.In(1), 0.5f, 0.1f, 0.01f, 0.1f, 1e-8f, N)),
        KernelCase.Of("plain", Block.Cover(N), m => new SgdStep(m.In(N), m.In(N), default, default, 1f, 0.1f, 0f, 0.01f, 0, N)),
        KernelCase.Of("with Nesterov momentum", Block.Cover(N), m => new SgdStep(m.In(N), m.In(N), m.In(N), m.In(1), 0.5f, 0.1f, 0.9f, 0.01f, 1, N)),
        KernelCase.Of("moments", Block.Cover(N), m => new LambMoments(
            m.In(N), m.In(N), m.In(N), m.In(N, 0, 1), m.Out(Block.Cover(N)), m.Out(Block.Cover(N)), m.In(1), 0.5f, 0.01f, 0.1f, 0.01f, 1.1f, 1.5f, 1e-8f, N)),
        KernelCase.Of("moving", 1, m => new LambTrust(m.In(Partial, 0, 1), m.In(Partial, 0, 1), m.Out(1), Partial)),
        KernelCase.Of("of a fresh bias", 1, m => new LambTrust(m.Given([0f]), m.In(1, 0, 1), m.Out(1), 1)),
        KernelCase.Of("applied", Block.Cover(N), m => new LambApply(
            m.In(N), m.In(N), m.In(N, 0, 1), m.In(1), 0.1f, 0.01f, 1.1f, 1.5f, 1e-8f, N)),
        KernelCase.Of("clipped", Rows, m => new AdafactorRows(m.In(Rows * Columns), m.In(Rows, 0, 1), m.In(1), 0.5f, 1e-3f, 0.3f, Columns)),
        KernelCase.Of("in two chunks", ColumnChunks.Blocks(Rows, Columns, 8), m => new AdafactorColumns(
            m.In(Rows * Columns), m.Out(2 * Columns), m.In(1), 0.5f, Rows, Columns, 8)),
        KernelCase.Of("of two chunks", Block.Cover(Columns), m => new AdafactorColumnMoments(
            m.In(2 * Columns, 0, 1), m.In(Columns, 0, 1), 1e-3f, 0.3f, 2, Rows, Columns)),
        KernelCase.Of("of a matrix", Block.Cover(Rows * Columns), m => new AdafactorNorms(
            m.In(Rows * Columns), m.In(Rows * Columns), m.In(Rows, 0.1f, 1), m.In(Columns, 0.1f, 1),
            m.Out(Block.Cover(Rows * Columns)), m.Out(Block.Cover(Rows * Columns)), m.In(1), 0.5f, Rows * Columns, Columns)),
        KernelCase.Of("shortened", 1, m => new AdafactorScale(
            m.In(Partial, 0, 1), m.In(Partial, 1, 2), m.In(Rows, 0.1f, 1), m.Out(1), 1e-3f, 0.5f, Partial, 20, Rows)),
        KernelCase.Of("of a matrix", Block.Cover(Rows * Columns), m => new AdafactorApply(
            m.In(Rows * Columns), m.In(Rows * Columns), m.In(Rows, 0.1f, 1), m.In(Columns, 0.1f, 1), m.In(1), m.In(1), 0.5f, 0.1f, 0.99f, Rows * Columns, Columns)),
        KernelCase.Of("towards x", Block.Cover(N), m => new MovingAverage(m.In(N), m.In(N), 0.01f, N)),
        KernelCase.Of("of both", Block.Cover(N), m => new Exchange(m.In(N), m.In(N), N)),
        KernelCase.Of("behind another tensor's", Block.Cover(N), m => new SumOfSquares(m.In(N), m.In(5), 3, N)),
        KernelCase.Of("too long", 1, m => new ClipScale(m.In(Partial, 0, 1), m.Out(1), m.Out(1), 0.5f, 0.5f, Partial)),
        KernelCase.Of("not a number", 1, m => new ClipScale(m.Given([1f, float.NaN]), m.Out(1), m.Out(1), 0.5f, 0.5f, 2)),
        KernelCase.Of("by a factor", Block.Cover(N), m => new Rescale(m.In(N), m.In(1), N)),
        KernelCase.Of("on both sides", Block.Cover(N), m => new Limit(m.In(N), 0.3f, N)),
    ];
}
