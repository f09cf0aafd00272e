using Engine.KernelLanguage;

namespace Engine.Kernels;

// The table of functions of two variables: value, ∂/∂a, ∂/∂b.
#pragma warning disable CS1591 // A row is its own documentation.

public readonly partial struct Sum : IFunction2
{
    public static float Value(float a, float b) => a + b;
    public static float DerivativeA(float a, float b) => 1f;
    public static float DerivativeB(float a, float b) => 1f;
}

public readonly partial struct Difference : IFunction2
{
    public static float Value(float a, float b) => a - b;
    public static float DerivativeA(float a, float b) => 1f;
    public static float DerivativeB(float a, float b) => -1f;
}

public readonly partial struct Product : IFunction2
{
    public static float Value(float a, float b) => a * b;
    public static float DerivativeA(float a, float b) => b;
    public static float DerivativeB(float a, float b) => a;
}

public readonly partial struct Quotient : IFunction2
{
    public static float Value(float a, float b) => a / b;
    public static float DerivativeA(float a, float b) => 1f / b;
    public static float DerivativeB(float a, float b) => -a / (b * b);
}

/// <summary>The larger; NaN if either is. Where both are equal each takes half of the gradient, as in PyTorch.</summary>
public readonly partial struct Maximum : IFunction2
{
    public static float Value(float a, float b) => KMath.Max(a, b);
    public static float DerivativeA(float a, float b) => a > b ? 1f : a == b ? 0.5f : 0f;
    public static float DerivativeB(float a, float b) => b > a ? 1f : a == b ? 0.5f : 0f;
}

/// <summary>The smaller; NaN if either is. Where both are equal each takes half of the gradient, as in PyTorch.</summary>
public readonly partial struct Minimum : IFunction2
{
    public static float Value(float a, float b) => KMath.Min(a, b);
    public static float DerivativeA(float a, float b) => a < b ? 1f : a == b ? 0.5f : 0f;
    public static float DerivativeB(float a, float b) => b < a ? 1f : a == b ? 0.5f : 0f;
}
