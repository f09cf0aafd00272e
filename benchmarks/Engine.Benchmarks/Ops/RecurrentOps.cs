using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>One direction of a projected LSTM layer, as in ELMo.</summary>
public class RecurrentOps : FamilyBenchmarks
{
    public override IEnumerable<BenchCase> Cases(Sizes sizes)
    {
        int B = sizes.Of(32, 5);
        LstmShape s = new(sizes.Of(20, 3), B, sizes.Of(512, 37), sizes.Of(128, 19), B, 1);
        (int T, int H, int P) = ((int)s.T, (int)s.H, (int)s.P);
        return
        [
            new OpBench(
                $"Lstm T {T}, B {B}, H {H}, P {P}",
                [new([T, B, P]), new([4 * H, P], -0.1f, 0.1f), new([4 * H, P], -0.1f, 0.1f), new([4 * H]), new([P, H], -0.1f, 0.1f)],
                t => t[0].Lstm(new(t[1], t[2], t[3], t[4])), m => Lstm(m, s)),
        ];
    }

    private static Action Lstm(OpArguments m, LstmShape s)
    {
        (long N, long H, long P) = (s.T * s.B, s.H, s.P);
        MatrixLayout narrow = new(P, 1);
        MatrixLayout cells = new(H, 1);
        MatrixLayout wide = new(4 * H, 1);
        View<float> weight = m.Scratch(4 * H * P);
        View<float> projection = m.Scratch(H * P);
        LstmForward forward = new(
            m.Scratch(4 * N * H), weight, projection, default, default, default, m.Y, m.Scratch(N * P), m.Scratch(N * H), m.Scratch(N * H),
            m.Scratch(s.B * P), m.Scratch(s.B * H), s, false);
        LstmBackward backward = new(
            forward.gates, m.X(2), m.X(4), forward.c, default, default, m.DY, default, default, m.Scratch(N * P), m.Scratch(s.B * P), m.Scratch(s.B * H),
            s, false);
        ColumnSum<float, Float32Element> bias = new(forward.gates, m.DX[3], N, 4 * H, N, false);
        return () =>
        {
            MatMulOps.Multiply(m.X(0), narrow, m.X(1), narrow.Transposed, forward.gates, wide, new(N, 4 * H, P), m.X(3));
            Transpose(m.X(2), weight, 4 * H, P);
            Transpose(m.X(4), projection, P, H);
            Loops.Run(forward);
            Loops.Run(backward);
            MatMulOps.Multiply(forward.gates, wide, m.X(1), narrow, m.DX[0], narrow, new(N, P, 4 * H));
            MatMulOps.Multiply(forward.gates, wide.Transposed, m.X(0), narrow, m.DX[1], narrow, new(4 * H, P, N));
            MatMulOps.Multiply(forward.gates, wide.Transposed, forward.before, narrow, m.DX[2], narrow, new(4 * H, P, N));
            MatMulOps.Multiply(backward.dH, narrow.Transposed, forward.m, cells, m.DX[4], cells, new(P, H, N));
            Loops.Run(bias);
        };
    }

    private static void Transpose(View<float> x, View<float> y, long rows, long columns)
    {
        for (long i = 0; i < rows * columns; i++)
        {
            y[(i % columns * rows) + (i / columns)] = x[i];
        }
    }
}
