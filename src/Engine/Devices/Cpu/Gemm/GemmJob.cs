using Engine.Kernels;

namespace Engine;

/// <summary>One product C = f([C +] A·B + bias) on the CPU, and the chunk of it that is being worked on.</summary>
internal unsafe struct GemmJob
{
    public float* A;
    public float* B;
    public float* C;
    public float* Bias;
    public float* Pre;
    public long RowA;
    public long ColumnA;
    public long RowB;
    public long ColumnB;
    public long RowC;
    public long M;
    public long N;
    public long K;
    public bool Accumulate;
    public Activation Activation;

    /// <summary>The chunk's place and size: rows from Top, columns from Left, k from Start.</summary>
    public long Top;
    public long Left;
    public long Start;
    public long ChunkM;
    public long ChunkN;
    public long ChunkK;

    /// <summary>Sums along k are made in runs of this length; a function of K alone.</summary>
    public long RunK;

    public float* PackedA;
    public float* PackedB;

    /// <summary>As many zeros as a tile has columns: the addend of a product that starts from nothing.</summary>
    public float* Zeros;

    /// <summary>B is read where it lies, except its last, incomplete panel.</summary>
    public bool DirectB;

    /// <summary>Rows and columns of one task's share of the chunk, and how many shares lie side by side.</summary>
    public long TileM;
    public long TileN;
    public long TilesAcross;

    /// <summary>Panels that one packing task copies, and the number of tasks that pack A; those of B follow.</summary>
    public long PanelsA;
    public long PanelsB;
    public long TasksA;

    /// <summary>The job of one kernel launch, at the first matrix of its batch.</summary>
    public static GemmJob Of<F>(in Gemm<F> k, Activation activation)
        where F : unmanaged, IFunction => new()
        {
            A = k.A.Pointer,
            B = k.B.Pointer,
            C = k.C.Pointer,
            Bias = k.bias.Pointer,
            Pre = k.pre.Pointer,
            RowA = k.la.Row,
            ColumnA = k.la.Column,
            RowB = k.lb.Row,
            ColumnB = k.lb.Column,
            RowC = k.lc.Row,
            M = k.size.M,
            N = k.size.N,
            K = k.size.K,
            Accumulate = k.accumulate,
            Activation = activation,
        };
}
