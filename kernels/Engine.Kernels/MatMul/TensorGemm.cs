using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>A 16-bit element type that tensor cores multiply.</summary>
public interface ITensorElement<T> : IElement<T>
    where T : unmanaged
{
    /// <summary>c += a·b with float32 sums; a collective of the warp.</summary>
    static abstract void MultiplyAdd(ref FragmentC c, FragmentA a, FragmentB b);
}

/// <summary>
/// The matrix product of <see cref="Gemm{F}"/> for 16-bit operands, by tensor cores: C = f(A·B + bias), or
/// f(C + A·B + bias) when accumulating. A (M,K), B (K,N), C (M,N), bias (N) or empty, all others as there.
/// One block per <see cref="GemmSize.Tile"/>² tile of C. Slices of A and B go to shared memory, both along k, with
/// <see cref="Pad"/> numbers between rows so that the lanes of a warp read different banks; each warp multiplies one
/// quarter of the tile as 2×2 fragments. The sums return through shared memory, where every lane finds its elements without
/// knowing how fragments lie. Numerics: products exact, float32 sums in an order that the hardware chooses.
/// </summary>
[Kernel(Lanes = 128)]
public readonly partial record struct TensorGemm<F, T, E, TC, EC>(
    View<T> A, View<T> B, View<TC> C, View<float> bias, View<TC> pre,
    MatrixLayout la, MatrixLayout lb, MatrixLayout lc, GemmSize size, bool accumulate) : IKernel
    where F : unmanaged, IFunction
    where T : unmanaged
    where E : unmanaged, ITensorElement<T>
    where TC : unmanaged
    where EC : unmanaged, IElement<TC>
{
    private const int Tile = GemmSize.Tile;
    private const int Slice = 32;
    private const int Pad = 8;
    private const int Stride = Slice + Pad;
    private const int Quarter = Tile / 2;
    private const int Quarters = 4;

    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        Span<T> sliceA = b.Shared(stackalloc T[Tile * Stride]);
        Span<T> sliceB = b.Shared(stackalloc T[Tile * Stride]);
        Span<float> result = b.Shared(stackalloc float[Tile * Tile]);

        // One quarter a warp when the block has as many warps as quarters; all of them when it has one lane.
        Span<FragmentC> sums = stackalloc FragmentC[(Quarters + b.Warps - 1) / b.Warps * 4];
        int mine = (Quarters + b.Warps - 1) / b.Warps;
        GemmTile tile = size.TileOf(b.Index);
        View<T> a = A.From(la.Matrix(tile.Item, size.Inner));
        View<T> bt = B.From(lb.Matrix(tile.Item, size.Inner));
        for (long k = 0; k < size.K; k += Slice)
        {
            Bring(b, a, la, tile.Top, size.M, k, sliceA);
            Bring(b, bt, lb.Transposed, tile.Left, size.N, k, sliceB);
            b.Barrier();
            for (int n = 0; n < Block.Unroll(mine); n++)
            {
                int quarter = (n * b.Warps) + b.Warp;
                if (quarter < Quarters)
                {
                    Multiply(sliceA, sliceB, sums.Slice(n * 4), quarter / 2 * Quarter * Stride, quarter % 2 * Quarter * Stride);
                }
            }

            b.Barrier();
        }

        for (int n = 0; n < Block.Unroll(mine); n++)
        {
            int quarter = (n * b.Warps) + b.Warp;
            for (int f = 0; f < Block.Unroll(4); f++)
            {
                int row = (quarter / 2 * Quarter) + (f / 2 * Fragment.Size);
                int column = (quarter % 2 * Quarter) + (f % 2 * Fragment.Size);
                if (quarter < Quarters)
                {
                    Fragment.Store(sums[(n * 4) + f], result, (row * Tile) + column, Tile);
                }
            }
        }

        b.Barrier();
        Finish(b, result, lc.Matrix(tile.Item, size.Inner), tile.Top, tile.Left);
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(
        size.Flops,
        A.BytesOf(size.M * size.K * la.Distinct(size)) + B.BytesOf(size.K * size.N * lb.Distinct(size)) + bias.BytesOf(size.N)
        + ((accumulate ? 2 : 1) * C.BytesOf(size.M * size.N * size.Batch)) + pre.BytesOf(size.M * size.N * size.Batch));

    // slice[i, k] = x[first + i, k0 + k], 0 outside; neighbouring lanes read neighbouring numbers.
    private void Bring(in Block b, View<T> x, MatrixLayout layout, long first, long rows, long k0, Span<T> slice)
    {
        for (int e = b.Lane; e < Tile * Slice; e += b.Size)
        {
            int i = layout.Column == 1 ? e / Slice : e % Tile;
            int k = layout.Column == 1 ? e % Slice : e / Tile;
            bool inside = first + i < rows && k0 + k < size.K;
            slice[(i * Stride) + k] = inside ? x[layout.At(first + i, k0 + k)] : E.Store(0f);
        }
    }

    private static void Multiply(Span<T> sliceA, Span<T> sliceB, Span<FragmentC> sums, int startA, int startB)
    {
        for (int k = 0; k < Block.Unroll(Slice); k += Fragment.Size)
        {
            FragmentA upper = Fragment.LoadA(sliceA, startA + k, Stride);
            FragmentA lower = Fragment.LoadA(sliceA, startA + (Fragment.Size * Stride) + k, Stride);
            FragmentB near = Fragment.LoadB(sliceB, startB + k, Stride);
            FragmentB far = Fragment.LoadB(sliceB, startB + (Fragment.Size * Stride) + k, Stride);
            E.MultiplyAdd(ref sums[0], upper, near);
            E.MultiplyAdd(ref sums[1], upper, far);
            E.MultiplyAdd(ref sums[2], lower, near);
            E.MultiplyAdd(ref sums[3], lower, far);
        }
    }

    private void Finish(in Block b, Span<float> result, long c0, long top, long left)
    {
        for (int e = b.Lane; e < Tile * Tile; e += b.Size)
        {
            long i = top + (e / Tile);
            long j = left + (e % Tile);
            if (i < size.M && j < size.N)
            {
                long at = c0 + lc.At(i, j);
                float s = result[e];
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
