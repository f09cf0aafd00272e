using Engine.KernelLanguage;

namespace Engine.Kernels.Tests.Cases;

internal sealed class ElementwiseCases : IKernelCases
{
    private const long N = Block.Span + 37;

    private static readonly Layout Rows = new([7, 5], [5, 1]);
    private static readonly Layout Columns = new([7, 5], [1, 7]);
    private static readonly Layout OneRow = new([7, 5], [0, 1]);

    public static IEnumerable<KernelCase> Cases =>
    [
        KernelCase.Of("tanh", Block.Cover(N), m => new Map<Tanh, float, Float32Element>(m.In(N), m.Out(N), 0f, N)),
        KernelCase.Of("tanh", Block.Cover(N), m => new MapBackward<Tanh, float, Float32Element>(m.In(N), m.In(N), m.Out(N), 0f, N)),
        KernelCase.Of("flat", Block.Cover(N), m => new Combine<Product, float, Float32Element>(m.In(N), m.In(N), m.Out(N), default, default, N)),
        KernelCase.Of("broadcast", 1, m => new Combine<Product, float, Float32Element>(m.In(35), m.In(5), m.Out(35), Columns, OneRow, 35)),
        KernelCase.Of("flat", Block.Cover(N), m => new CombineBackward<Product, float, Float32Element>(m.In(N), m.In(N), m.In(N), m.Out(N), m.Out(N), default, default, N)),
        KernelCase.Of("of one side", 1, m => new CombineBackward<Product, float, Float32Element>(m.In(35), m.In(5), m.In(35), default, m.Out(35), Columns, OneRow, 35)),
        KernelCase.Of("flat", Block.Cover(N), m => new Compare<float, Greater>(m.In(N), m.In(N), m.OutInts(N), default, default, N)),
        KernelCase.Of("of integers, broadcast", 1, m => new Compare<int, EqualTo>(m.Ints(35, 0, 2), m.Ints(5, 0, 2), m.OutInts(35), Columns, OneRow, 35)),
        KernelCase.Of("flat", Block.Cover(N), m => new MaskedFill(m.In(N), m.Ints(N, 0, 2), m.Out(N), default, 3f, 1, N)),
        KernelCase.Of("where the mask is clear, broadcast", 1, m => new MaskedFill(m.In(35), m.Ints(5, 0, 2), m.Out(35), OneRow, 3f, 0, 35)),
        KernelCase.Of("broadcast", 1, m => new Select(m.Ints(5, 0, 2), m.In(35), m.In(35), m.Out(35), OneRow, Columns, default, 35)),
        KernelCase.Of("flat", Block.Cover(N), m => new Accumulate<float, Float32Element, float, Float32Element>(m.In(N), m.In(N), default, default, N)),
        KernelCase.Of("transposed", 1, m => new Accumulate<float, Float32Element, float, Float32Element>(m.In(35), m.In(35), Columns, Rows, 35)),
        KernelCase.Of("in chains", Block.Cover(N), m => new MultiplyAdds(m.In(N), m.Out(N), 0.999f, 0.001f, 9, N)),
    ];
}
