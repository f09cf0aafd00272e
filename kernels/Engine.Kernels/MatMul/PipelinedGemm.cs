using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// <see cref="TensorGemm{F, T, E, TC, EC}"/> one rung up: C = f(A·B + bias), or f(C + A·B + bias) when accumulating, for 16-bit operands
/// whose rows or columns begin at multiples of 16 bytes. One block per <see cref="GemmSize.WideTile"/>² tile of C, in the order of
/// <see cref="GemmSize.WideTileOf"/>. While a slice of A and B is multiplied the next one is copied to shared memory behind the lanes'
/// backs (<see cref="AsyncCopy"/>), as it lies: fragments are read along k or across it. A warp keeps a part of 64 × 32 sums in registers,
/// and each lane finishes the sums it holds. Numerics: products exact, float32 sums in an order that the hardware chooses.
/// </summary>
/// <param name="A">(M,K), <c>Row</c> or <c>Column</c> of its layout 1, the other a multiple of 8 as are M, K and the first element's place where the layout is 1.</param>
/// <param name="B">(K,N), the same.</param>
/// <param name="C">(M,N).</param>
/// <param name="bias">(N) or empty.</param>
/// <param name="pre">A·B + bias before f (M,N), or empty.</param>
/// <param name="la">A's layout.</param>
/// <param name="lb">B's layout.</param>
/// <param name="lc">C's and pre's layout.</param>
/// <param name="size">M, N, K and the batch.</param>
/// <param name="accumulate">Whether C's values count.</param>
/// <param name="alongA">Whether the rows of A are contiguous; else its columns are.</param>
/// <param name="alongB">Whether the columns of B are contiguous; else its rows are.</param>
[Kernel(Lanes = 256)]
public readonly partial record struct PipelinedGemm<F, T, E, TC, EC>(
    View<T> A, View<T> B, View<TC> C, View<float> bias, View<TC> pre,
    MatrixLayout la, MatrixLayout lb, MatrixLayout lc, GemmSize size, bool accumulate, [Specialize] bool alongA, [Specialize] bool alongB) : IKernel
    where F : unmanaged, IFunction
    where T : unmanaged
    where E : unmanaged, ITensorElement<T>
    where TC : unmanaged
    where EC : unmanaged, IElement<TC>
{
    private const int Tile = GemmSize.WideTile;
    private const int Slice = 32;

    // Rows of shared memory are 16 bytes longer than what they hold, so that the eight rows of an 8×8 matrix lie in different banks.
    private const int Along = Slice + AsyncCopy.Chunk;
    private const int Across = Tile + AsyncCopy.Chunk;
    private const int Stage = Tile * Along;

    // The tile is 2 × 4 parts of 64 × 32 sums, 4 × 2 fragments.
    private const int Parts = 8;
    private const int PartRows = 64;
    private const int PartColumns = 32;
    private const int PartFragments = 8;

    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        Span<T> slicesA = b.Shared(stackalloc T[2 * Stage]);
        Span<T> slicesB = b.Shared(stackalloc T[2 * Stage]);

        // One part a warp when the block has as many warps as parts; all of them when it has one lane.
        Span<FragmentC> sums = stackalloc FragmentC[(Parts + b.Warps - 1) / b.Warps * PartFragments];
        int mine = (Parts + b.Warps - 1) / b.Warps;
        GemmTile tile = size.WideTileOf(b.Index);
        View<T> a = A.From(la.Matrix(tile.Item, size.Inner));
        View<T> bt = B.From(lb.Matrix(tile.Item, size.Inner));
        Bring(b, a, la, alongA, tile.Top, size.M, 0, slicesA, 0);
        Bring(b, bt, lb.Transposed, alongB, tile.Left, size.N, 0, slicesB, 0);
        AsyncCopy.Commit();
        int stage = 0;
        for (long k = 0; k < size.K; k += Slice)
        {
            // Behind the last slice these bring zeros, which nobody multiplies.
            Bring(b, a, la, alongA, tile.Top, size.M, k + Slice, slicesA, Stage - stage);
            Bring(b, bt, lb.Transposed, alongB, tile.Left, size.N, k + Slice, slicesB, Stage - stage);
            AsyncCopy.Commit();
            AsyncCopy.WaitButLatest();
            b.Barrier();
            for (int n = 0; n < Block.Unroll(mine); n++)
            {
                int part = (n * b.Warps) + b.Warp;
                if (part < Parts)
                {
                    Multiply(slicesA, slicesB, sums.Slice(n * PartFragments), stage, part / 4 * PartRows, part % 4 * PartColumns);
                }
            }

            b.Barrier();
            stage = Stage - stage;
        }

        AsyncCopy.Wait();
        long c0 = lc.Matrix(tile.Item, size.Inner);
        for (int n = 0; n < Block.Unroll(mine); n++)
        {
            int part = (n * b.Warps) + b.Warp;
            if (part < Parts)
            {
                Finish(sums.Slice(n * PartFragments), c0, tile.Top + (part / 4 * PartRows), tile.Left + (part % 4 * PartColumns));
            }
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(
        size.Flops,
        A.BytesOf(size.M * size.K * la.Distinct(size)) + B.BytesOf(size.K * size.N * lb.Distinct(size)) + bias.BytesOf(size.N)
        + ((accumulate ? 2 : 1) * C.BytesOf(size.M * size.N * size.Batch)) + pre.BytesOf(size.M * size.N * size.Batch));

    // A slice of x (rows, K) from row `first` and column k0 on, 0 outside: row by row if x lies along k, otherwise column by column.
    private void Bring(in Block b, View<T> x, MatrixLayout layout, bool along, long first, long rows, long k0, Span<T> slices, int stage)
    {
        for (int n = 0; n < Tile * Slice / AsyncCopy.Chunk; n += b.Size)
        {
            int chunk = n + b.Lane;
            int row = along ? chunk / (Slice / AsyncCopy.Chunk) : chunk % (Tile / AsyncCopy.Chunk) * AsyncCopy.Chunk;
            int k = along ? chunk % (Slice / AsyncCopy.Chunk) * AsyncCopy.Chunk : chunk / (Tile / AsyncCopy.Chunk);
            if (chunk < Tile * Slice / AsyncCopy.Chunk)
            {
                AsyncCopy.Start(
                    slices, stage + (along ? (row * Along) + k : (k * Across) + row), x, layout.At(first + row, k0 + k), first + row < rows && k0 + k < size.K);
            }
        }
    }

    private void Multiply(Span<T> slicesA, Span<T> slicesB, Span<FragmentC> sums, int stage, int top, int left)
    {
        for (int k = 0; k < Block.Unroll(Slice); k += Fragment.Size)
        {
            FragmentB near = LoadB(slicesB, stage, k, left);
            FragmentB far = LoadB(slicesB, stage, k, left + Fragment.Size);
            for (int i = 0; i < Block.Unroll(PartRows / Fragment.Size); i++)
            {
                FragmentA row = LoadA(slicesA, stage, k, top + (i * Fragment.Size));
                E.MultiplyAdd(ref sums[2 * i], row, near);
                E.MultiplyAdd(ref sums[(2 * i) + 1], row, far);
            }
        }
    }

    private FragmentA LoadA(Span<T> slices, int stage, int k, int row) => alongA
        ? Fragment.LoadA(slices, stage + (row * Along) + k, Along)
        : Fragment.LoadAAcross(slices, stage + (k * Across) + row, Across);

    private FragmentB LoadB(Span<T> slices, int stage, int k, int column) => alongB
        ? Fragment.LoadB(slices, stage + (column * Along) + k, Along)
        : Fragment.LoadBAcross(slices, stage + (k * Across) + column, Across);

    private void Finish(Span<FragmentC> sums, long c0, long top, long left)
    {
        for (int f = 0; f < Block.Unroll(PartFragments); f++)
        {
            for (int e = 0; e < Fragment.Own; e++)
            {
                long i = top + (f / 2 * Fragment.Size) + Fragment.Row(e);
                long j = left + (f % 2 * Fragment.Size) + Fragment.Column(e);
                if (i < size.M && j < size.N)
                {
                    long at = c0 + lc.At(i, j);
                    float s = Fragment.Sum(sums[f], e);
                    s = accumulate ? EC.Load(C[at]) + s : s;
                    s = bias.Exists ? s + bias[j] : s;
                    if (pre.Exists)
                    {
                        pre[at] = EC.Store(s);
                    }

                    C[at] = EC.Store(F.Value(s, 0f));
                }
            }
        }
    }
}
