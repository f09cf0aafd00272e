using Engine.KernelLanguage;

namespace Engine.Kernels.Tests.Cases;

internal sealed class RandomCases : IKernelCases
{
    private const long N = Block.Span + 37;

    public static IEnumerable<KernelCase> Cases =>
        from position in new ulong[] { 0, 1, 1_000_003 }
        select KernelCase.Of($"at {position}", Block.Cover(N), m => new Dropout<float, Float32Element>(m.In(N), m.Out(N), 5, 6, position, 0.3f, 1f / 0.7f, N));
}
