using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine;

/// <summary>One product C = f([C +] A·B + bias) on the CPU, and the chunk of it that is being worked on.</summary>
/// <typeparam name="T">What A and B are stored in; panels are float32.</typeparam>
/// <typeparam name="TC">What C is stored in.</typeparam>
internal unsafe struct GemmJob<T, TC>
    where T : unmanaged
    where TC : unmanaged
{
    public T* A;
    public T* B;
    public TC* C;
    public float* Bias;
    public TC* Pre;
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

    /// <summary>The chunk's panels of A, run by run: what one share reads lies side by side.</summary>
    public float* PackedA;

    /// <summary>The chunk's rows, filled up to whole panels.</summary>
    public long PanelRows;

    /// <summary>Each worker's packed group of B, <see cref="GroupFloats"/> apart.</summary>
    public float* Groups;
    public long GroupFloats;

    /// <summary>The chunk's sums, <see cref="RowSums"/> apart, where C itself cannot hold float32.</summary>
    public float* Sums;
    public long RowSums;

    /// <summary>As many zeros as a tile has columns: the addend of a product that starts from nothing.</summary>
    public float* Zeros;

    /// <summary>Workers that take part.</summary>
    public int Workers;

    /// <summary>
    /// Rows and columns of one worker's share of the chunk; how many are as wide as that, the others having
    /// <see cref="GemmJob.LastColumns"/>; how many lie side by side and how many there are.
    /// </summary>
    public long ShareM;
    public long ShareN;
    public long WideShares;
    public long SharesAcross;
    public long Shares;

    /// <summary>Rows of A that one packing task copies, of one run.</summary>
    public long PackingRows;

    /// <summary>Whether A, or B, is float32 that the tiles read where it lies.</summary>
    public bool DirectA;
    public bool DirectB;

    /// <summary>Whether sums need memory of their own until they are complete.</summary>
    public static bool IsStaged => typeof(TC) != typeof(float);

    /// <summary>The product for <paramref name="count"/> columns from <paramref name="first"/> on.</summary>
    public readonly GemmJob<T, TC> Columns(long first, long count)
    {
        GemmJob<T, TC> part = this;
        part.B += first * ColumnB;
        part.C += first;
        part.Bias = Bias == null ? null : Bias + first;
        part.Pre = Pre == null ? null : Pre + first;
        part.N = count;
        return part;
    }

    /// <summary>First column of a share in the chunk.</summary>
    public readonly long LeftOf(long share)
    {
        long column = share % SharesAcross;
        return (Math.Min(column, WideShares) * ShareN) + (Math.Max(0, column - WideShares) * GemmJob.LastColumns);
    }

    /// <summary>One past the last column of a share in the chunk.</summary>
    public readonly long RightOf(long share) =>
        Math.Min(LeftOf(share) + (share % SharesAcross < WideShares ? ShareN : GemmJob.LastColumns), ChunkN);

    /// <summary>The packed panel that begins at a row of the chunk, for the run at <paramref name="start"/>.</summary>
    public readonly float* PanelA(long row, long start, long run) => PackedA + (start * PanelRows) + (row * run);

    /// <summary>Element (row, k) of the chunk's part of A.</summary>
    public readonly T* AtA(long row, long k) => A + ((Top + row) * RowA) + ((Start + k) * ColumnA);

    /// <summary>Element (k, column) of the chunk's part of B.</summary>
    public readonly T* AtB(long k, long column) => B + ((Start + k) * RowB) + ((Left + column) * ColumnB);
}

/// <summary>The jobs of kernel launches, at the first matrix of their batches.</summary>
internal static unsafe class GemmJob
{
    /// <summary>Columns of the shares that are handed out last: small, so that workers of unequal speed end together.</summary>
    public const long LastColumns = 32;

    /// <summary>A float32 product.</summary>
    public static GemmJob<float, float> Of<F>(in Gemm<F> k, Activation activation)
        where F : unmanaged, IFunction =>
        Of(k.A, k.B, k.C, k.bias, k.pre, k.la, k.lb, k.lc, k.size, k.accumulate, activation);

    /// <summary>A product of 16-bit operands.</summary>
    public static GemmJob<T, TC> Of<F, T, E, TC, EC>(in TensorGemm<F, T, E, TC, EC> k, Activation activation)
        where F : unmanaged, IFunction
        where T : unmanaged
        where E : unmanaged, ITensorElement<T>
        where TC : unmanaged
        where EC : unmanaged, IElement<TC> =>
        Of(k.A, k.B, k.C, k.bias, k.pre, k.la, k.lb, k.lc, k.size, k.accumulate, activation);

    private static GemmJob<T, TC> Of<T, TC>(
        View<T> a, View<T> b, View<TC> c, View<float> bias, View<TC> pre, in MatrixLayout la, in MatrixLayout lb, in MatrixLayout lc,
        in GemmSize size, bool accumulate, Activation activation)
        where T : unmanaged
        where TC : unmanaged => new()
        {
            A = a.Pointer,
            B = b.Pointer,
            C = c.Pointer,
            Bias = bias.Pointer,
            Pre = pre.Pointer,
            RowA = la.Row,
            ColumnA = la.Column,
            RowB = lb.Row,
            ColumnB = lb.Column,
            RowC = lc.Row,
            M = size.M,
            N = size.N,
            K = size.K,
            Accumulate = accumulate,
            Activation = activation,
        };
}
