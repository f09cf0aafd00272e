using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>Table lookups, gathering and selecting.</summary>
public class IndexOps : FamilyBenchmarks
{
    public override IEnumerable<BenchCase> Cases(Sizes sizes)
    {
        int V = sizes.Of(8192, 41);
        int C = sizes.Of(768, 33);
        int N = sizes.Of(1024, 29);
        return
        [
            new OpBench($"Embedding {N} of {V}×{C}", [new([V, C]), OpInput.Ints([N], V)], t => t[0].Embedding(t[1]), m => Lookup(m, N, V, C)),
            new OpBench($"Embedding of int8 {N} of {V}×{C}", [new([V, C], DType: DType.Int8), OpInput.Ints([N], V)], t => t[0].Embedding(t[1]), m => OfInt8(m, V, C)),
            new OpBench($"IndexSelect {N} of {V}×{C}", [new([V, C]), OpInput.Ints([N], V)], t => t[0].IndexSelect(0, t[1]), m => Selected(m, N, V, C)),
            new OpBench($"Gather {N}×{C} of {V}×{C}", [new([V, C]), OpInput.Ints([N, C], V)], t => t[0].Gather(0, t[1]), m => Gathered(m, N, V, C)),
        ];
    }

    private static Action Lookup(OpArguments m, int N, int V, int C)
    {
        EmbeddingForward<float, Float32Element> forward = new(m.X(0), m.Indices(1), m.Y, V, C);
        EmbeddingBackward<float, Float32Element> backward = new(m.Indices(1), m.DY, m.DX[0], N, V, C, -1);
        return () =>
        {
            Loops.Run(forward);
            m.DX[0].Span().Clear();
            Loops.Run(backward);
        };
    }

    private static Action OfInt8(OpArguments m, int V, int C)
    {
        Int8Rows rows = new(m.Int8(0), m.Scales(0), m.Indices(1), m.Y, V, C);
        return () => Loops.Run(rows);
    }

    private static Action Selected(OpArguments m, int N, int V, int C)
    {
        IndexSelectForward forward = new(m.X(0), m.Indices(1), m.Y, V, N, C);
        IndexSelectBackward backward = new(m.DY, m.Indices(1), m.DX[0], V, N, 1, C);
        return () =>
        {
            Loops.Run(forward);
            m.DX[0].Span().Clear();
            Loops.Run(backward);
        };
    }

    private static Action Gathered(OpArguments m, int N, int V, int C)
    {
        GatherForward forward = new(m.X(0), m.Indices(1), m.Y, V, N, C, (long)N * C);
        GatherBackward backward = new(m.DY, m.Indices(1), m.DX[0], V, N, C);
        return () =>
        {
            Loops.Run(forward);
            Loops.Run(backward);
        };
    }
}
