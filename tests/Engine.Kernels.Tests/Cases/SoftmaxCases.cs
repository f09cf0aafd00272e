namespace Engine.Kernels.Tests.Cases;

internal sealed class SoftmaxCases : IKernelCases
{
    public static IEnumerable<KernelCase> Cases =>
    [
        KernelCase.Of("last axis", 3, m => new SoftmaxForward(m.In(3 * 33, -9, 9), m.Out(3 * 33), 33, 1, false)),
        KernelCase.Of("middle axis", 6, m => new SoftmaxForward(m.In(2 * 11 * 3), m.Out(66), 11, 3, false)),
        KernelCase.Of("logarithm", 6, m => new SoftmaxForward(m.In(2 * 11 * 3), m.Out(66), 11, 3, true)),
        KernelCase.Of("fewer elements than lanes", 2, m => new SoftmaxForward(m.In(4), m.Out(4), 2, 1, false)),
        KernelCase.Of("all −∞", 1, m => new SoftmaxForward(m.Given([float.NegativeInfinity, float.NegativeInfinity]), m.Out(2), 2, 1, false)),
        KernelCase.Of("with +∞", 1, m => new SoftmaxForward(m.Given([1, float.PositiveInfinity, 100, float.NegativeInfinity]), m.Out(4), 4, 1, false)),
        KernelCase.Of("middle axis", 6, m => new SoftmaxBackward(m.In(66, 0), m.In(66), m.Out(66), 11, 3, false)),
        KernelCase.Of("logarithm", 6, m => new SoftmaxBackward(m.In(66, -3, 0), m.In(66), m.Out(66), 11, 3, true)),
    ];
}
