using Engine.KernelLanguage;

namespace Engine.Kernels;

// The table of functions of one variable, second part: exponential, circular, error function and the sigmoids.
#pragma warning disable CS1591, SA1649 // A row is its own documentation.

public readonly partial struct Exp : IFunction
{
    public static Reads Reads => Reads.Y;
    public static float Value(float x, float a) => KMath.Exp(x);
    public static float Derivative(float x, float y, float a) => y;
}

public readonly partial struct Log : IFunction
{
    public static Reads Reads => Reads.X;
    public static float Value(float x, float a) => KMath.Log(x);
    public static float Derivative(float x, float y, float a) => 1f / x;
}

public readonly partial struct Sin : IFunction
{
    public static Reads Reads => Reads.X;
    public static float Value(float x, float a) => KMath.Sin(x);
    public static float Derivative(float x, float y, float a) => KMath.Cos(x);
}

public readonly partial struct Cos : IFunction
{
    public static Reads Reads => Reads.X;
    public static float Value(float x, float a) => KMath.Cos(x);
    public static float Derivative(float x, float y, float a) => -KMath.Sin(x);
}

/// <summary>2/√π ∫₀ˣ e^(−t²) dt.</summary>
public readonly partial struct Erf : IFunction
{
    public static Reads Reads => Reads.X;
    public static float Value(float x, float a) => KMath.Erf(x);
    public static float Derivative(float x, float y, float a) => 1.12837917f * KMath.Exp(-x * x);
}

public readonly partial struct Tanh : IFunction
{
    public static Reads Reads => Reads.Y;
    public static float Value(float x, float a) => KMath.Tanh(x);
    public static float Derivative(float x, float y, float a) => 1f - (y * y);
}

/// <summary>σ(x) = 1/(1 + e⁻ˣ). Where e⁻ˣ overflows, the quotient is 0 as it should be.</summary>
public readonly partial struct Sigmoid : IFunction
{
    public static Reads Reads => Reads.Y;
    public static float Value(float x, float a) => 1f / (1f + KMath.Exp(-x));
    public static float Derivative(float x, float y, float a) => y * (1f - y);
}

/// <summary>log σ(x) = min(x, 0) − log(1 + e^(−|x|)): nothing overflows and nothing cancels.</summary>
public readonly partial struct LogSigmoid : IFunction
{
    public static Reads Reads => Reads.X;
    public static float Value(float x, float a) => KMath.Min(x, 0f) - KMath.Log1p(KMath.Exp(-KMath.Abs(x)));
    public static float Derivative(float x, float y, float a) => 1f / (1f + KMath.Exp(x));
}

/// <summary>log(1 + eˣ) = max(x, 0) + log(1 + e^(−|x|)): nothing overflows and nothing cancels.</summary>
public readonly partial struct Softplus : IFunction
{
    public static Reads Reads => Reads.X;
    public static float Value(float x, float a) => KMath.Max(x, 0f) + KMath.Log1p(KMath.Exp(-KMath.Abs(x)));
    public static float Derivative(float x, float y, float a) => Sigmoid.Value(x, 0f);
}
