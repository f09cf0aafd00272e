namespace Engine.Kernels.Tests.Cases;

internal sealed class RecurrentCases : IKernelCases
{
    public static IEnumerable<KernelCase> Cases =>
    [
        Forward("plain", new(3, 5, 6, 6, 5, 1), given: false, reverse: false),
        Forward("with everything", new(4, 6, 5, 3, 1, 4), given: true, reverse: true),
        Backward("plain", new(3, 5, 6, 6, 5, 1), given: false, reverse: false),
        Backward("with everything", new(4, 6, 5, 3, 1, 4), given: true, reverse: true),
    ];

    private static KernelCase Forward(string name, LstmShape s, bool given, bool reverse) => KernelCase.Of(name, s.Blocks, m => new LstmForward(
        m.In(4 * s.T * s.B * s.H), m.In(4 * s.P * s.H), given ? m.In(s.H * s.P) : default, given ? m.In(s.B * s.P) : default, given ? m.In(s.B * s.H) : default,
        given ? m.Given([4, 0, 2, 1, 3, 4]) : default, m.Out(s.T * s.B * s.P), m.Out(s.T * s.B * s.P), m.Out(s.T * s.B * s.H),
        given ? m.Out(s.T * s.B * s.H) : default, m.Out(s.B * s.P), m.Out(s.B * s.H), s, reverse));

    private static KernelCase Backward(string name, LstmShape s, bool given, bool reverse) => KernelCase.Of(name, s.Blocks, m => new LstmBackward(
        m.In(4 * s.T * s.B * s.H, 0), m.In(4 * s.P * s.H), given ? m.In(s.H * s.P) : default, m.In(s.T * s.B * s.H), given ? m.In(s.B * s.H) : default,
        given ? m.Given([4, 0, 2, 1, 3, 4]) : default, m.In(s.T * s.B * s.P), given ? m.In(s.B * s.P) : default, given ? m.In(s.B * s.H) : default,
        m.Out(s.T * s.B * s.P), m.Out(s.B * s.P), m.Out(s.B * s.H), s, reverse));
}
