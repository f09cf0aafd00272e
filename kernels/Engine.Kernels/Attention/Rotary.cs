using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// Rotary position embedding (Su et al., "RoFormer", 2021): pair n of a row at position p is turned by the angle
/// φ = p·base^(−2n/D): (a, c) → (a·cos φ − c·sin φ, a·sin φ + c·cos φ). Pairs are (n, n + D/2), or (2n, 2n + 1) if
/// <paramref name="interleaved"/>; row t of the T axis is at position t + <paramref name="offset"/>,
/// or at positions[t] if there are any (T). With <paramref name="factors"/> (D/2), for contexts longer than those of training, pair n turns so many times slower. With
/// <paramref name="sign"/> −1 it turns back, which is its own backward.
/// x, y (B, H, T, D). One block per position: each angle's sine and cosine serve all batches and heads. float32 angles, as
/// published models were trained with.
/// </summary>
[Kernel]
public readonly partial record struct Rotary<T, E>(
    View<T> x, View<T> y, View<int> positions, View<float> factors, HeadLayout lx, HeadLayout ly, int B, int H, int D, float theta, int offset, bool interleaved, float sign) : IKernel
    where T : unmanaged
    where E : unmanaged, IElement<T>
{
    /// <inheritdoc/>
    public void Execute(in Block b)
    {
        int half = D / 2;
        long position = positions.Exists ? positions[b.Index] : b.Index + offset;
        for (int n = b.Lane; n < half; n += b.Size)
        {
            float period = KMath.Pow(theta, 2f * n / D) * (factors.Exists ? factors[n] : 1f);
            float angle = position / period;
            float cos = KMath.Cos(angle);
            float sin = sign * KMath.Sin(angle);
            int first = interleaved ? 2 * n : n;
            int second = interleaved ? first + 1 : n + half;
            for (int batch = 0; batch < B; batch++)
            {
                for (int h = 0; h < H; h++)
                {
                    View<T> xr = x.From(lx.At(batch, h, b.Index));
                    View<T> yr = y.From(ly.At(batch, h, b.Index));
                    float a = E.Load(xr[first]);
                    float c = E.Load(xr[second]);
                    yr[first] = E.Store((a * cos) - (c * sin));
                    yr[second] = E.Store((a * sin) + (c * cos));
                }
            }
        }
    }

    /// <inheritdoc/>
    public KernelCost Cost(long blocks) => new(
        blocks * (D / 2) * (5 + (6L * B * H)), x.BytesOf(blocks * B * H * D) + y.BytesOf(blocks * B * H * D) + positions.BytesOf(blocks) + factors.BytesOf(D / 2));
}
