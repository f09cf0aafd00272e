using Engine.KernelLanguage;

namespace Engine.Kernels;

/// <summary>
/// The sizes of a CTC loss and its lattice. The L = 2S + 1 states of an item are its labels with a blank before, between and
/// after them: state s is label (s − 1)/2 if s is odd, blank if it is even.
/// </summary>
/// <param name="T">Frames of the longest input.</param>
/// <param name="B">Items.</param>
/// <param name="C">Classes, the blank included.</param>
/// <param name="S">Labels of the longest target.</param>
/// <param name="Blank">The class that stands for no label.</param>
public readonly record struct CtcShape(long T, long B, long C, long S, int Blank)
{
    /// <summary>States of the longest target.</summary>
    public long L => (2 * S) + 1;

    /// <summary>A length, limited to what there is memory for.</summary>
    public static long Length(int length, long most) => Math.Max(0, Math.Min(length, most));

    /// <summary>The class of state s of an item whose labels start at <paramref name="first"/>.</summary>
    public int Label(View<int> targets, long first, long s) => s % 2 == 0 ? Blank : targets[first + (s / 2)];

    /// <summary>Whether a path may jump from state s − 2 to s: over a blank between two labels that differ.</summary>
    public bool Skips(View<int> targets, long first, long s) =>
        s % 2 == 1 && s >= 2 && targets[first + (s / 2)] != targets[first + (s / 2) - 1];

    /// <summary>The log-probability of a class at frame t of item b; NaN for a class that does not exist.</summary>
    public float Emit(View<float> logProbs, long t, long b, int label)
    {
        float y = float.NaN;
        if (label >= 0 && label < C)
        {
            y = logProbs[(((t * B) + b) * C) + label];
        }

        return y;
    }

    /// <summary>log(e^a + e^b).</summary>
    public static float LogAdd(float a, float b)
    {
        float m = KMath.Max(a, b);
        return m == float.NegativeInfinity ? m : m + KMath.Log(KMath.Exp(a - m) + KMath.Exp(b - m));
    }

    /// <summary>
    /// The log-likelihood of an item with <paramref name="frames"/> frames and <paramref name="n"/> states: paths end in the last label or
    /// the blank behind it. Without frames only the empty target is possible.
    /// </summary>
    public static float LogLikelihood(View<float> lastAlpha, long frames, long n)
    {
        float y = n == 1 ? 0f : float.NegativeInfinity;
        if (frames > 0)
        {
            y = n == 1 ? lastAlpha[0] : LogAdd(lastAlpha[n - 1], lastAlpha[n - 2]);
        }

        return y;
    }

    /// <summary>What an item's loss is multiplied by: in a mean 1/(B·its number of labels, at least 1), as in PyTorch.</summary>
    public float Weight(long labels, bool mean) => mean ? 1f / (B * Math.Max(1, labels)) : 1f;
}
