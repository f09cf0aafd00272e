using Engine.KernelLanguage;

namespace Engine.Kernels.Tests.Cases;

internal sealed class CopyCases : IKernelCases
{
    private const long N = Block.Span + 37;

    public static IEnumerable<KernelCase> Cases =>
    [
        KernelCase.Of("to bf16", Block.Cover(N), m => new Cast<float, Float32Element, BFloat16, BFloat16Element>(m.In(N), m.OutBFloat16(N), N)),
        KernelCase.Of("to fp16", Block.Cover(N), m => new Cast<float, Float32Element, Half, Float16Element>(m.In(N), m.OutHalf(N), N)),
        KernelCase.Of("to int32", Block.Cover(N), m => new Cast<float, Float32Element, int, Int32Element>(m.In(N, -9, 9), m.OutInts(N), N)),
        KernelCase.Of("from int32", Block.Cover(N), m => new Cast<int, Int32Element, float, Float32Element>(m.Ints(N, -9, 9), m.Out(N), N)),
        KernelCase.Of("flat", Block.Cover(N), m => new CopyStrided<int>(m.Ints(N, -9, 9), m.OutInts(N), default, default, N)),
        KernelCase.Of("transposed", 1, m => new CopyStrided<int>(m.Ints(35, -9, 9), m.OutInts(35), new Layout([7, 5], [1, 7]), default, 35)),
        KernelCase.Of("broadcast", 1, m => new CopyStrided<int>(m.Ints(5, -9, 9), m.OutInts(35), new Layout([7, 5], [0, 1]), default, 35)),
        KernelCase.Of("float32", Block.Cover(N), m => new Fill<float>(m.Out(N), 0.25f, N)),
        KernelCase.Of("nothing", 1, m => new Fill<float>(m.Out(0), 0.25f, 0)),
    ];
}
