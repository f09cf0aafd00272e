using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// y = f(s·(x·qᵀ) + bias): few rows of float32 times weights in int8, each output channel n with a scale of its own, w = s[n]·q[n].
/// x (M,K), q (N,K), s (N), bias (N) or empty → y (M,N); f is a row of the function table.
/// One block for each element of y, those of one channel side by side: its row of q comes from memory once. The lanes stride
/// over K and widen q as they go; the sum is float32 and meets its scale at the end.
/// </summary>
[Kernel]
public readonly partial record struct Int8Linear<F>(
    View<float> x, View<sbyte> q, View<float> scale, View<float> bias, View<float> y, long M, long N, long K) : IKernel
    where F : unmanaged, IFunction
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        long n = b.Index / M;
        long m = b.Index % M;
        View<float> xm = x.Row(m, K);
        View<sbyte> qn = q.Row(n, K);
        float sum = 0f;
        for (long k = b.Lane; k < K; k += b.Size)
        {
            sum += xm[k] * qn[k];
        }

        float dot = b.Sum(sum);
        if (b.Lane == 0)
        {
            float z = dot * scale[n];
            y[(m * N) + n] = F.Value(bias.Exists ? z + bias[n] : z, 0f);
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(
        2.0 * M * N * K, x.BytesOf(M * K) + q.BytesOf(N * K) + scale.BytesOf(N) + bias.BytesOf(N) + y.BytesOf(M * N));
}
