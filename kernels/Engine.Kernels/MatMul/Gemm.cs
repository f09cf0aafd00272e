using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// C = f(A·B + bias), or f(C + A·B + bias) when accumulating, for a batch of matrices.
/// A (M,K), B (K,N), C (M,N), bias (N) or empty; f is a row of the function table, <see cref="Identity"/> for the plain
/// product. <c>pre</c>, if given, gets the argument of f in the places of C: what the backward of f needs.
/// Transposition, leading dimensions and broadcasting are strides (<see cref="MatrixLayout"/>): dA = dC·Bᵀ and
/// dB = Aᵀ·dC are this same kernel.
/// One block per <see cref="GemmSize.Tile"/>² tile of C; each lane computes every Size-th element of the tile, neighbouring
/// lanes neighbouring columns. Numerics: float32 sums in the order of k, so no result depends on the block size.
/// </summary>
[Kernel]
public readonly partial record struct Gemm<F>(
    View<float> A, View<float> B, View<float> C, View<float> bias, View<float> pre,
    MatrixLayout la, MatrixLayout lb, MatrixLayout lc, GemmSize size, bool accumulate) : IKernel
    where F : unmanaged, IFunction
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long tiles = size.TileRows * size.TileColumns;
        long item = b.Index / tiles;
        long tile = b.Index % tiles;
        long top = tile / size.TileColumns * GemmSize.Tile;
        long left = tile % size.TileColumns * GemmSize.Tile;
        long a0 = la.Matrix(item, size.Inner);
        long b0 = lb.Matrix(item, size.Inner);
        long c0 = lc.Matrix(item, size.Inner);
        for (int e = b.Lane; e < GemmSize.Tile * GemmSize.Tile; e += b.Size)
        {
            long i = top + (e / GemmSize.Tile);
            long j = left + (e % GemmSize.Tile);
            if (i < size.M && j < size.N)
            {
                long at = c0 + lc.At(i, j);
                float s = accumulate ? C[at] : 0f;
                for (long k = 0; k < size.K; k++)
                {
                    s += A[a0 + la.At(i, k)] * B[b0 + lb.At(k, j)];
                }

                if (bias.Exists)
                {
                    s += bias[j];
                }

                if (pre.Exists)
                {
                    pre[at] = s;
                }

                C[at] = F.Value(s, 0f);
            }
        }
    }
}
