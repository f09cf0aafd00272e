using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>Reductions and scans over the last axis.</summary>
public class ReduceOps : FamilyBenchmarks
{
    public override IEnumerable<BenchCase> Cases(Sizes sizes)
    {
        int N = sizes.Of(4096, 7);
        int V = sizes.Of(1024, 77);
        OpInput x = new([N, V], 0.5f, 2f);
        string shape = $"{N}×{V}";
        return
        [
            new OpBench($"Sum {shape}", [x], t => t[0].Sum(-1), m => Sum(m, N, V)),
            new OpBench($"Var {shape}", [x], t => t[0].Var(-1), m => Var(m, N, V)),
            new OpBench($"Max {shape}", [x], t => t[0].Max(-1), m => Max(m, N, V)),
            new OpBench($"LogSumExp {shape}", [x], t => t[0].LogSumExp(-1), m => LogSumExp(m, V)),
            new OpBench($"CumSum {shape}", [x], t => t[0].CumSum(-1), m => CumSum(m, V)),
            new OpBench($"L2Normalize {shape}", [x], t => t[0].L2Normalize(-1), m => L2Normalize(m, N, V)),
            new OpBench($"Softmax {shape}", [x], t => t[0].Softmax(-1), m => Softmax(m, V, false)),
            new OpBench($"LogSoftmax {shape}", [x], t => t[0].LogSoftmax(-1), m => Softmax(m, V, true)),
        ];
    }

    private static Action Sum(OpArguments m, int N, int V)
    {
        SumAxis<float, Float32Element> forward = new(m.X(0), m.Y, V, 1, 1f);
        return () =>
        {
            Loops.Run(forward);
            for (long row = 0; row < N; row++)
            {
                m.DX[0].Row(row, V).Span().Fill(m.DY[row]);
            }
        };
    }

    private static Action Var(OpArguments m, int N, int V)
    {
        VarAxis forward = new(m.X(0), m.Y, m.Scratch(N), V, 1, 1f / V);
        VarAxisBackward backward = new(m.X(0), forward.mean, m.DY, m.DX[0], V, 1, 1f / V);
        return () =>
        {
            Loops.Run(forward);
            Loops.Run(backward);
        };
    }

    private static Action Max(OpArguments m, int N, int V)
    {
        MaxAxis forward = new(m.X(0), m.Y, m.ScratchInts(N), V, 1, 1f);
        MaxAxisBackward backward = new(m.DY, forward.index, m.DX[0], V, 1);
        return () =>
        {
            Loops.Run(forward);
            Loops.Run(backward);
        };
    }

    private static Action LogSumExp(OpArguments m, int V)
    {
        LogSumExpForward forward = new(m.X(0), m.Y, V, 1);
        LogSumExpBackward backward = new(m.X(0), m.Y, m.DY, m.DX[0], V, 1);
        return () =>
        {
            Loops.Run(forward);
            Loops.Run(backward);
        };
    }

    private static Action CumSum(OpArguments m, int V)
    {
        CumSum forward = new(m.X(0), m.Y, V, 1, 1);
        CumSum backward = new(m.DY, m.DX[0], V, 1, -1);
        return () =>
        {
            Loops.Run(forward);
            Loops.Run(backward);
        };
    }

    private static Action L2Normalize(OpArguments m, int N, int V)
    {
        L2NormalizeForward forward = new(m.X(0), m.Y, m.Scratch(N), V, 1, 1e-12f);
        L2NormalizeBackward backward = new(m.Y, forward.norm, m.DY, m.DX[0], V, 1, 1e-12f);
        return () =>
        {
            Loops.Run(forward);
            Loops.Run(backward);
        };
    }

    private static Action Softmax(OpArguments m, int V, bool log)
    {
        SoftmaxForward forward = new(m.X(0), m.Y, V, 1, log);
        SoftmaxBackward backward = new(m.Y, m.DY, m.DX[0], V, 1, log);
        return () =>
        {
            Loops.Run(forward);
            Loops.Run(backward);
        };
    }
}
