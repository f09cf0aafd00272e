using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>The recurrence of a projected LSTM, as in ELMo.</summary>
public class RecurrentKernels : FamilyBenchmarks
{
    public override IEnumerable<BenchCase> Cases(Sizes sizes)
    {
        int B = sizes.Of(32, 5);
        LstmShape s = new(sizes.Of(20, 3), B, sizes.Of(512, 37), sizes.Of(128, 19), B, 1);
        long N = s.T * s.B;
        string shape = $"T {s.T}, B {s.B}, H {s.H}, P {s.P}";
        return
        [
            new KernelBench<LstmForward>(
                shape, s.Blocks,
                m => new(
                    m.InOut(4 * N * s.H), m.In(4 * s.P * s.H, -0.1f, 0.1f), m.In(s.H * s.P, -0.1f, 0.1f), default, default, default, m.Out(N * s.P),
                    m.Out(N * s.P), m.Out(N * s.H), m.Out(N * s.H), m.Out(s.B * s.P), m.Out(s.B * s.H), s, false),
                Loops.Run),
            new KernelBench<LstmBackward>(
                shape, s.Blocks,
                m => new(
                    m.InOut(4 * N * s.H, 0f), m.In(4 * s.P * s.H, -0.1f, 0.1f), m.In(s.H * s.P, -0.1f, 0.1f), m.In(N * s.H), default, default,
                    m.In(N * s.P), default, default, m.Out(N * s.P), m.Out(s.B * s.P), m.Out(s.B * s.H), s, false),
                Loops.Run),
        ];
    }
}
