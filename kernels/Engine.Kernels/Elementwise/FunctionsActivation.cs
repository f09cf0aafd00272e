using Engine.KernelLanguage;

namespace Engine.Kernels;

// The table of functions of one variable, third part: the activations of neural networks.
#pragma warning disable CS1591, SA1649 // A row is its own documentation.

/// <summary>x itself: the activation of a layer that has none.</summary>
public readonly partial struct Identity : IFunction
{
    public static Reads Reads => Reads.Neither;
    public static float Value(float x, float a) => x;
    public static float Derivative(float x, float y, float a) => 1f;
}

/// <summary>max(x, 0); the derivative at 0 is 0.</summary>
public readonly partial struct Relu : IFunction
{
    public static Reads Reads => Reads.Y;
    public static float Value(float x, float a) => KMath.Max(x, 0f);
    public static float Derivative(float x, float y, float a) => y > 0f ? 1f : 0f;
}

/// <summary>x above 0, a·x below.</summary>
public readonly partial struct LeakyRelu : IFunction
{
    public static Reads Reads => Reads.X;
    public static float Value(float x, float a) => x > 0f ? x : a * x;
    public static float Derivative(float x, float y, float a) => x > 0f ? 1f : a;
}

/// <summary>max(x, 0)² (So et al., "Primer", 2021).</summary>
public readonly partial struct ReluSquared : IFunction
{
    public static Reads Reads => Reads.X;
    public static float Value(float x, float a) => KMath.Max(x, 0f) * KMath.Max(x, 0f);
    public static float Derivative(float x, float y, float a) => 2f * KMath.Max(x, 0f);
}

/// <summary>x above 0, a·(eˣ − 1) below (Clevert et al., 2015).</summary>
public readonly partial struct Elu : IFunction
{
    public static Reads Reads => Reads.X;
    public static float Value(float x, float a) => x > 0f ? x : a * KMath.Expm1(x);
    public static float Derivative(float x, float y, float a) => x > 0f ? 1f : a * KMath.Exp(x);
}

/// <summary>x·Φ(x) with the normal distribution's Φ(x) = ½(1 + erf(x/√2)) (Hendrycks and Gimpel, 2016).</summary>
public readonly partial struct Gelu : IFunction
{
    public static Reads Reads => Reads.X;
    public static float Value(float x, float a) => x * 0.5f * (1f + KMath.Erf(0.707106781f * x));

    // Φ(x) + x·φ(x), φ(x) = e^(−x²/2)/√(2π).
    public static float Derivative(float x, float y, float a) =>
        (0.5f * (1f + KMath.Erf(0.707106781f * x))) + (x * 0.398942280f * KMath.Exp(-0.5f * x * x));
}

/// <summary>½x·(1 + tanh u), u = √(2/π)·(x + 0.044715·x³): the form of GPT-2's checkpoints.</summary>
public readonly partial struct GeluTanh : IFunction
{
    public static Reads Reads => Reads.X;
    public static float Value(float x, float a) => 0.5f * x * (1f + KMath.Tanh(0.797884561f * (x + (0.044715f * x * x * x))));

    // ½(1 + t) + ½x·(1 − t²)·u′, t = tanh u.
    public static float Derivative(float x, float y, float a)
    {
        float t = KMath.Tanh(0.797884561f * (x + (0.044715f * x * x * x)));
        float du = 0.797884561f * (1f + (0.134145f * x * x));
        return (0.5f * (1f + t)) + (0.5f * x * (1f - (t * t)) * du);
    }
}

/// <summary>x·σ(1.702x), the form of CLIP's checkpoints.</summary>
public readonly partial struct QuickGelu : IFunction
{
    public static Reads Reads => Reads.X;
    public static float Value(float x, float a) => x * Sigmoid.Value(1.702f * x, 0f);

    public static float Derivative(float x, float y, float a)
    {
        float s = Sigmoid.Value(1.702f * x, 0f);
        return s + (1.702f * x * s * (1f - s));
    }
}

/// <summary>x·σ(x), also called swish.</summary>
public readonly partial struct Silu : IFunction
{
    public static Reads Reads => Reads.X;
    public static float Value(float x, float a) => x * Sigmoid.Value(x, 0f);

    public static float Derivative(float x, float y, float a)
    {
        float s = Sigmoid.Value(x, 0f);
        return s * (1f + (x * (1f - s)));
    }
}

/// <summary>x·tanh(softplus x) (Misra, 2019).</summary>
public readonly partial struct Mish : IFunction
{
    public static Reads Reads => Reads.X;
    public static float Value(float x, float a) => x * Gate(x);

    // w + x·(1 − w²)·σ(x), because softplus′ = σ.
    public static float Derivative(float x, float y, float a)
    {
        float w = Gate(x);
        return w + (x * (1f - (w * w)) * Sigmoid.Value(x, 0f));
    }

    // tanh(log(1 + e)) = (e² + 2e)/(e² + 2e + 2) with e = eˣ; for x ≥ 0 divided by e², so that only e^(−|x|) ≤ 1 appears.
    private static float Gate(float x)
    {
        float z = KMath.Exp(-KMath.Abs(x));
        float n = x >= 0f ? 1f + (2f * z) : z * (z + 2f);
        return n / (n + (x >= 0f ? 2f * z * z : 2f));
    }
}

/// <summary>x·min(max(x + 3, 0), 6)/6 (Howard et al., "MobileNetV3", 2019).</summary>
public readonly partial struct HardSwish : IFunction
{
    public static Reads Reads => Reads.X;
    public static float Value(float x, float a) => x * KMath.Min(KMath.Max(x + 3f, 0f), 6f) / 6f;
    public static float Derivative(float x, float y, float a) => x < -3f ? 0f : x <= 3f ? (x / 3f) + 0.5f : 1f;
}
