using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// The largest element m of a line and Σ e^(x − m): what softmax, log-sum-exp and cross-entropy are made of. Subtracting m
/// keeps every exponential at or below 1, so nothing overflows. Where m is infinite, or the line is empty, 0 is subtracted
/// instead, so that no ∞ − ∞ arises: a line of −∞ has the sum 0 and the logarithm −∞.
/// </summary>
/// <param name="Max">What was subtracted.</param>
/// <param name="Sum">Σ e^(x − Max).</param>
public readonly record struct ExpSum(float Max, float Sum)
{
    /// <summary>log Σ e^x.</summary>
    public float LogSumExp => Max + KMath.Log(Sum);

    /// <summary>
    /// What softmax divides by: the sum, or NaN in a line with +∞, which has no softmax. So the whole line shows it, as in PyTorch, and not
    /// only those elements whose exponential overflows.
    /// </summary>
    public float Divisor => Sum < float.PositiveInfinity ? Sum : float.NaN;

    /// <summary>Of the n elements from <paramref name="start"/> on that are <paramref name="step"/> apart; every lane gets it.</summary>
    public static ExpSum Of<T, E>(in Block b, View<T> x, long start, long n, long step)
        where T : unmanaged
        where E : unmanaged, IElement<T>
    {
        float max = float.NegativeInfinity;
        for (long i = b.Lane; i < n; i += b.Size)
        {
            max = KMath.Max(max, E.Load(x[start + (i * step)]));
        }

        max = Shift(b.Max(max));
        float sum = 0f;
        for (long i = b.Lane; i < n; i += b.Size)
        {
            sum += KMath.Exp(E.Load(x[start + (i * step)]) - max);
        }

        return new ExpSum(max, b.Sum(sum));
    }

    /// <summary>What to subtract for this maximum.</summary>
    public static float Shift(float max) => KMath.Abs(max) == float.PositiveInfinity ? 0f : max;
}
