using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// The sinusoidal table of "Attention is all you need" (Vaswani et al., 2017): row p, column 2n is sin(p / base^(2n/D)), column
/// 2n + 1 its cosine. y (T, D). One block per row.
/// </summary>
[Kernel]
public readonly partial record struct SinusoidalTable(View<float> y, int D, float theta) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        View<float> row = y.Row(b.Index, D);
        for (int c = b.Lane; c < D; c += b.Size)
        {
            float angle = b.Index / KMath.Pow(theta, (float)(c - (c % 2)) / D);
            row[c] = c % 2 == 0 ? KMath.Sin(angle) : KMath.Cos(angle);
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(4 * blocks * D, y.BytesOf(blocks * D));
}

/// <summary>
/// The slopes of ALiBi (Press, Smith, Lewis, "Train short, test long", 2021): head h = 1 … H gets 2^(−8h/H) for H a power of
/// two. Otherwise, as the paper's code has it, the first P heads (P the power of two below H) get those of P heads and the
/// others every second one of 2P heads. slopes (H). One block.
/// </summary>
[Kernel]
public readonly partial record struct AlibiSlopes(View<float> slopes, int H, int P) : IKernel
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        for (int h = b.Lane; h < H; h += b.Size)
        {
            float exponent = h < P ? 8f * (h + 1) / P : 4f * ((2 * (h - P)) + 1) / P;
            slopes[h] = KMath.Pow(2f, -exponent);
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(4 * H, slopes.BytesOf(H));
}
