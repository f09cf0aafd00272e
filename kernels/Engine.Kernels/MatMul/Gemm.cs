using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// C = f(A·B + bias), or f(C + A·B + bias) when accumulating, for a batch of matrices.
/// A (M,K), B (K,N), C (M,N), bias (N) or empty; f is a row of the function table, <see cref="Identity"/> for the plain
/// product. <c>pre</c>, if given, gets the argument of f in the places of C: what the backward of f needs.
/// Transposition, leading dimensions and broadcasting are strides (<see cref="MatrixLayout"/>): dA = dC·Bᵀ and
/// dB = Aᵀ·dC are this same kernel.
/// One block per <see cref="GemmSize.Tile"/>² tile of C. The block walks along K in slices: its lanes bring the slices of A
/// and B into shared memory, each number once, and then every lane adds the slice's products to its own
/// <see cref="Patch"/>² patch of C, which it keeps in registers: of 2·Patch numbers read it makes Patch² products.
/// Numerics: float32 sums in the order of k, so no result depends on the block size.
/// </summary>
[Kernel(Lanes = Patches)]
public readonly partial record struct Gemm<F>(
    View<float> A, View<float> B, View<float> C, View<float> bias, View<float> pre,
    MatrixLayout la, MatrixLayout lb, MatrixLayout lc, GemmSize size, bool accumulate) : IKernel
    where F : unmanaged, IFunction
{
    private const int Tile = GemmSize.Tile;
    private const int Slice = 16;
    private const int Patch = 4;
    private const int Across = Tile / Patch;
    private const int Patches = Across * Across;

    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        Span<float> sliceA = b.Shared(stackalloc float[Slice * Tile]);
        Span<float> sliceB = b.Shared(stackalloc float[Slice * Tile]);

        // One patch a lane when the block has as many lanes as patches; all of them when it has one lane.
        Span<float> sums = stackalloc float[(Patches + b.Size - 1) / b.Size * Patch * Patch];
        int mine = (Patches + b.Size - 1) / b.Size;
        GemmTile tile = size.TileOf(b.Index);
        View<float> a = A.From(la.Matrix(tile.Item, size.Inner));
        View<float> bt = B.From(lb.Matrix(tile.Item, size.Inner));
        View<float> c = C.From(lc.Matrix(tile.Item, size.Inner));
        if (accumulate)
        {
            Start(b, c, sums, mine, tile.Top, tile.Left);
        }

        for (long k = 0; k < size.K; k += Slice)
        {
            Bring(b, a, la, tile.Top, size.M, k, sliceA);
            Bring(b, bt, lb.Transposed, tile.Left, size.N, k, sliceB);
            b.Barrier();
            for (int n = 0; n < Block.Unroll(mine); n++)
            {
                int patch = (n * b.Size) + b.Lane;
                if (patch < Patches)
                {
                    Multiply(sliceA, sliceB, sums.Slice(n * Patch * Patch), patch / Across * Patch, patch % Across * Patch);
                }
            }

            b.Barrier();
        }

        Finish(b, c, lc.Matrix(tile.Item, size.Inner), sums, mine, tile.Top, tile.Left);
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(
        size.Flops,
        A.BytesOf(size.M * size.K * la.Distinct(size)) + B.BytesOf(size.K * size.N * lb.Distinct(size)) + bias.BytesOf(size.N)
        + ((accumulate ? 2 : 1) * C.BytesOf(size.M * size.N * size.Batch)) + pre.BytesOf(size.M * size.N * size.Batch));

    // slice[k, i] = x[first + i, k0 + k], 0 outside; neighbouring lanes read neighbouring numbers.
    private void Bring(in Block b, View<float> x, MatrixLayout layout, long first, long rows, long k0, Span<float> slice)
    {
        for (int e = b.Lane; e < Slice * Tile; e += b.Size)
        {
            int i = layout.Column == 1 ? e / Slice : e % Tile;
            int k = layout.Column == 1 ? e % Slice : e / Tile;
            bool inside = first + i < rows && k0 + k < size.K;
            slice[(k * Tile) + i] = inside ? x[layout.At(first + i, k0 + k)] : 0f;
        }
    }

    private static void Multiply(Span<float> sliceA, Span<float> sliceB, Span<float> sums, int row, int column)
    {
        Span<float> x = stackalloc float[Patch];
        Span<float> y = stackalloc float[Patch];
        for (int k = 0; k < Block.Unroll(Slice); k++)
        {
            for (int i = 0; i < Block.Unroll(Patch); i++)
            {
                x[i] = sliceA[(k * Tile) + row + i];
                y[i] = sliceB[(k * Tile) + column + i];
            }

            for (int i = 0; i < Block.Unroll(Patch); i++)
            {
                for (int j = 0; j < Block.Unroll(Patch); j++)
                {
                    sums[(i * Patch) + j] += x[i] * y[j];
                }
            }
        }
    }

    private void Start(in Block b, View<float> c, Span<float> sums, int mine, long top, long left)
    {
        for (int n = 0; n < Block.Unroll(mine); n++)
        {
            int patch = (n * b.Size) + b.Lane;
            for (int e = 0; e < Block.Unroll(Patch * Patch); e++)
            {
                long i = top + (patch / Across * Patch) + (e / Patch);
                long j = left + (patch % Across * Patch) + (e % Patch);
                if (patch < Patches && i < size.M && j < size.N)
                {
                    sums[(n * Patch * Patch) + e] = c[lc.At(i, j)];
                }
            }
        }
    }

    private void Finish(in Block b, View<float> c, long c0, Span<float> sums, int mine, long top, long left)
    {
        for (int n = 0; n < Block.Unroll(mine); n++)
        {
            int patch = (n * b.Size) + b.Lane;
            for (int e = 0; e < Block.Unroll(Patch * Patch); e++)
            {
                long i = top + (patch / Across * Patch) + (e / Patch);
                long j = left + (patch % Across * Patch) + (e % Patch);
                if (patch < Patches && i < size.M && j < size.N)
                {
                    float s = sums[(n * Patch * Patch) + e];
                    s = bias.Exists ? s + bias[j] : s;
                    if (pre.Exists)
                    {
                        pre[c0 + lc.At(i, j)] = s;
                    }

                    c[lc.At(i, j)] = F.Value(s, 0f);
                }
            }
        }
    }
}
