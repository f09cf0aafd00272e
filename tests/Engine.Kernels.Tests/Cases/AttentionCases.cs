namespace Engine.Kernels.Tests.Cases;

internal sealed class AttentionCases : IKernelCases
{
    private const int B = 2;
    private const int Hq = 4;
    private const int Hk = 2;
    private const int Tq = 3;
    private const int D = 5;

    public static IEnumerable<KernelCase> Cases =>
    [
        Forward("of two key blocks", Shape(AttentionForward.KeyBlock + 5, causal: false, window: 0)),
        Forward("in a window across two key blocks", Shape(AttentionForward.KeyBlock + 5, causal: false, window: 36)),
        Forward("of queries before all keys", Shape(2, causal: true, window: 0)),
        KernelCase.Of("bare", B * Hq * Tq, m => new AttentionForward(
            m.In(Queries), m.In(Keys(4)), m.In(Keys(4)), m.Out(Queries), default, default, default,
            Layout(Hq, Tq), Layout(Hk, 4), Layout(Hk, 4), Layout(Hq, Tq), Shape(4, causal: true, window: 0))),
        Backward("full", Shape(4, causal: false, window: 0)),
        Backward("causal", Shape(4, causal: true, window: 0)),
        Backward("in a window", Shape(4, causal: true, window: 2)),
        Bias("full", Shape(4, causal: false, window: 0), accumulate: false),
        Bias("causal, added", Shape(4, causal: true, window: 0), accumulate: true),
        KernelCase.Of("in a window", B * Tq, m => new AttentionMask(m.Ints(B * 9, 0, 2), m.Out(B * Tq * 9), Shape(9, causal: true, window: 4), -1f)),
        Turn(interleaved: false),
        Turn(interleaved: true),
        KernelCase.Of("of odd width", Tq, m => new SinusoidalTable(m.Out(Tq * 9), 9, 100f)),
        KernelCase.Of("of twelve heads", 1, m => new AlibiSlopes(m.Out(12), 12, 8)),
    ];

    private static long Queries => B * Hq * Tq * D;

    private static long Keys(int Tk) => B * Hk * Tk * D;

    private static AttentionShape Shape(int Tk, bool causal, int window) => new(B, Hq, Hk, Tq, Tk, D, 0.5f, causal, window);

    private static HeadLayout Layout(int heads, int rows) => new(heads * rows * D, rows * D, D);

    private static KernelCase Forward(string name, AttentionShape s) => KernelCase.Of(name, B * Hq * Tq, m => new AttentionForward(
        m.In(Queries), m.In(Keys(s.Tk)), m.In(Keys(s.Tk)), m.Out(Queries), m.Out(B * Hq * Tq), m.Ints(B * s.Tk, 0, 4), m.In(Hq * Tq * s.Tk),
        Layout(Hq, Tq), Layout(Hk, s.Tk), Layout(Hk, s.Tk), Layout(Hq, Tq), s));

    private static KernelCase Backward(string name, AttentionShape s) => KernelCase.Of(name, AttentionBackward.Blocks(s), m => new AttentionBackward(
        m.In(Queries), m.In(Keys(s.Tk)), m.In(Keys(s.Tk)), m.In(Queries), m.In(B * Hq * Tq, 1, 2), m.Ints(B * s.Tk, 0, 4), m.In(Hq * Tq * s.Tk),
        m.In(Queries), m.Out(Queries), m.Out(Keys(s.Tk)), m.Out(Keys(s.Tk)),
        Layout(Hq, Tq), Layout(Hk, s.Tk), Layout(Hk, s.Tk), Layout(Hq, Tq), Layout(Hq, Tq), Layout(Hk, s.Tk), Layout(Hk, s.Tk), s));

    private static KernelCase Bias(string name, AttentionShape s, bool accumulate) => KernelCase.Of(name, Hq * Tq, m => new AttentionBiasBackward(
        m.In(Queries), m.In(Keys(s.Tk)), m.In(Keys(s.Tk)), m.In(Queries), m.In(B * Hq * Tq, 1, 2), m.Ints(B * s.Tk, 0, 4), m.In(Hq * Tq * s.Tk),
        m.In(Queries), accumulate ? m.In(Hq * Tq * s.Tk) : m.Out(Hq * Tq * s.Tk),
        Layout(Hq, Tq), Layout(Hk, s.Tk), Layout(Hk, s.Tk), Layout(Hq, Tq), s, accumulate));

    private static KernelCase Turn(bool interleaved) => KernelCase.Of(interleaved ? "interleaved" : "half", Tq, m => new Rotary(
        m.In(B * Hq * Tq * 6), m.Out(B * Hq * Tq * 6), new HeadLayout(Hq * Tq * 6, 6, Hq * 6), new HeadLayout(Hq * Tq * 6, Tq * 6, 6),
        B, Hq, 6, 100f, 2, interleaved, 1f));
}
