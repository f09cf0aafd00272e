using Engine.KernelLanguage;

namespace Engine.Kernels;

// The table of losses of one prediction against one target: value, ∂/∂a, ∂/∂b. They bear the names of the tensor methods.
#pragma warning disable CS1591, SA1649 // A row is its own documentation.

/// <summary>(a − b)².</summary>
public readonly partial struct MseLoss : IPairLoss
{
    public static float Value(float a, float b, float p) => (a - b) * (a - b);
    public static float DerivativeA(float a, float b, float p) => 2f * (a - b);
    public static float DerivativeB(float a, float b, float p) => 2f * (b - a);
}

/// <summary>|a − b|; the gradient at 0 is 0.</summary>
public readonly partial struct L1Loss : IPairLoss
{
    public static float Value(float a, float b, float p) => KMath.Abs(a - b);
    public static float DerivativeA(float a, float b, float p) => Abs.Derivative(a - b, 0f, 0f);
    public static float DerivativeB(float a, float b, float p) => Abs.Derivative(b - a, 0f, 0f);
}

/// <summary>d²/(2β) where |d| &lt; β, |d| − β/2 elsewhere; d = a − b, p is β. β = 0 is the L1 loss.</summary>
public readonly partial struct SmoothL1Loss : IPairLoss
{
    public static float Value(float a, float b, float p)
    {
        float d = KMath.Abs(a - b);
        return d < p ? 0.5f * d * d / p : d - (0.5f * p);
    }

    public static float DerivativeA(float a, float b, float p) =>
        KMath.Abs(a - b) < p ? (a - b) / p : Abs.Derivative(a - b, 0f, 0f);

    public static float DerivativeB(float a, float b, float p) => DerivativeA(b, a, p);
}

/// <summary>d²/2 where |d| ≤ δ, δ·(|d| − δ/2) elsewhere; d = a − b, p is δ.</summary>
public readonly partial struct HuberLoss : IPairLoss
{
    public static float Value(float a, float b, float p)
    {
        float d = KMath.Abs(a - b);
        return d <= p ? 0.5f * d * d : p * (d - (0.5f * p));
    }

    public static float DerivativeA(float a, float b, float p) => KMath.Max(-p, KMath.Min(p, a - b));
    public static float DerivativeB(float a, float b, float p) => DerivativeA(b, a, p);
}

/// <summary>
/// −p·b·log σ(a) − (1 − b)·log(1 − σ(a)): a the logit, b the probability of the positive class, p its weight. With
/// log(1 − σ(a)) = log σ(−a), neither overflow nor cancellation for any a.
/// </summary>
public readonly partial struct BceWithLogits : IPairLoss
{
    public static float Value(float a, float b, float p) =>
        -(p * b * LogSigmoid.Value(a, 0f)) - ((1f - b) * LogSigmoid.Value(-a, 0f));

    // d log σ(a)/da = σ(−a).
    public static float DerivativeA(float a, float b, float p) =>
        ((1f - b) * Sigmoid.Value(a, 0f)) - (p * b * Sigmoid.Value(-a, 0f));

    public static float DerivativeB(float a, float b, float p) => LogSigmoid.Value(-a, 0f) - (p * LogSigmoid.Value(a, 0f));
}
