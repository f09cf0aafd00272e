using Engine.KernelLanguage;

namespace Engine.Kernels.Tests.Cases;

/// <summary>Attention over two batches, two query heads on one key head, and keys enough for a second block of them.</summary>
internal sealed class AttentionCases : IKernelCases
{
    private const int B = 2;
    private const int Hq = 2;
    private const int Hk = 1;
    private const int Tq = 3;
    private const int Tk = Attention.KeyBlock + 3;
    private const int D = 5;
    private const int Q = B * Hq * Tq * D;
    private const int KV = B * Hk * Tk * D;

    // q and the result with the heads inside the rows, as a projection leaves them; k and v with the heads outside.
    private static readonly HeadLayout Queries = new(Tq * Hq * D, D, Hq * D);
    private static readonly HeadLayout Keys = new(Hk * Tk * D, Tk * D, D);

    private static readonly AttentionShape Full = new(B, Hq, Hk, Tq, Tk, D, 0.4f, Causal: false, Window: 0);
    private static readonly AttentionShape Causal = Full with { Causal = true };
    private static readonly AttentionShape Window = Full with { Window = 2 };

    public static IEnumerable<KernelCase> Cases =>
    [
        Forward("bare", Full, extras: false),
        Forward("causal, all arguments", Causal, extras: true),
        Forward("window", Window, extras: false),
        Backward("bare", Full, extras: false),
        Backward("causal, all arguments", Causal, extras: true),
        Backward("window", Window, extras: false),
        BiasBackward("overwriting", Causal, accumulate: false),
        BiasBackward("accumulating", Window, accumulate: true),
        KernelCase.Of("with a key mask", B * Tq, m => new AttentionMask(m.Ints(B * Tk, 0, 2), KeyRanges(m), m.Out(B * Tq * Tk), Causal, float.NegativeInfinity)),
        KernelCase.Of("bare", B * Tq, m => new AttentionMask(default, default, m.Out(B * Tq * Tk), Window, -1e9f)),
        KernelCase.Of("odd width", 6, m => new SinusoidalTable(m.Out(6 * 9), 9, 10_000f)),
        KernelCase.Of("a power of two heads", 1, m => new AlibiSlopes(m.Out(8), 8, 8)),
        KernelCase.Of("twelve heads", 1, m => new AlibiSlopes(m.Out(12), 12, 8)),
        Turn("halves", interleaved: false, sign: 1f),
        Turn("interleaved, backwards", interleaved: true, sign: -1f),
    ];

    private static KernelCase Forward(string name, AttentionShape shape, bool extras) => KernelCase.Of(name, B * Hq * Tq, m => new AttentionForward<float, Float32Element>(
        m.In(Q), m.In(KV), m.In(KV), m.Out(Q), extras ? m.Out(B * Hq * Tq) : default, extras ? m.Ints(B * Tk, 0, 2) : default, extras ? m.In(Hq * Tq * Tk) : default, extras ? KeyRanges(m) : default,
        Queries, Keys, Keys, Queries, shape));

    private static KernelCase Backward(string name, AttentionShape shape, bool extras) => KernelCase.Of(name, Attention.BackwardBlocks(shape), m => new AttentionBackward<float, Float32Element>(
        m.In(Q), m.In(KV), m.In(KV), m.In(Q), m.In(B * Hq * Tq, 0, 1), extras ? m.Ints(B * Tk, 0, 2) : default, extras ? m.In(Hq * Tq * Tk) : default,
        extras ? KeyRanges(m) : default, extras ? QueryRanges(m) : default, m.In(Q), m.Out(Q), m.Out(KV), m.Out(KV), Queries, Keys, Keys, Queries, Queries, Keys, Keys, shape));

    private static KernelCase BiasBackward(string name, AttentionShape shape, bool accumulate) => KernelCase.Of(name, Hq * Tq, m => new AttentionBiasBackward<float, Float32Element>(
        m.In(Q), m.In(KV), m.In(KV), m.In(Q), m.In(B * Hq * Tq, 0, 1), m.Ints(B * Tk, 0, 2), m.In(Hq * Tq * Tk), accumulate ? default : KeyRanges(m),
        m.In(Q), accumulate ? m.In(Hq * Tq * Tk) : m.Out(Hq * Tq * Tk), Queries, Keys, Keys, Queries, shape, accumulate));

    // In the first batch query 0 sees the first 70 keys and the others the rest; in the second everybody sees all, and ranges reach beyond.
    private static View<int> KeyRanges(KernelArguments m) => m.Given([0, 70, 70, Tk, 70, Tk, -2, Tk + 9, 0, Tk, -1, Tk]);

    private static View<int> QueryRanges(KernelArguments m) => m.Given(
        [.. Enumerable.Range(0, Tk).SelectMany(j => j < 70 ? [0, 1] : new[] { 1, Tq }), .. Enumerable.Range(0, Tk).SelectMany(_ => new[] { -1, Tq + 5 })]);

    private static KernelCase Turn(string name, bool interleaved, float sign) => KernelCase.Of(name, Tq, m => new Rotary<float, Float32Element>(
        m.In(B * Hq * Tq * 6), m.Out(B * Hq * Tq * 6), interleaved ? m.Ints(Tq, 0, 50) : default, interleaved ? m.In(3, 1, 9) : default, new(Tq * Hq * 6, 6, Hq * 6), new(Hq * Tq * 6, Tq * 6, 6), B, Hq, 6, 10_000f, 2, interleaved, sign));
}
