using Engine.KernelLanguage;

namespace Engine.Kernels;

// The table of elementwise functions: a row gives f(x) and f′(x), with y = f(x) at hand. `a` is the parameter, where there is one.
#pragma warning disable CS1591, SA1649 // A row is its own documentation.

public readonly struct Relu : IFunction
{
    public static float Value(float x, float a) => x > 0f || float.IsNaN(x) ? x : 0f;
    public static float Derivative(float x, float y, float a) => x > 0f ? 1f : 0f;
}

public readonly struct Sigmoid : IFunction
{
    public static float Value(float x, float a) => 1f / (1f + KMath.Exp(-x));
    public static float Derivative(float x, float y, float a) => y * (1f - y);
}

public readonly struct Tanh : IFunction
{
    public static float Value(float x, float a) => KMath.Tanh(x);
    public static float Derivative(float x, float y, float a) => 1f - (y * y);
}

public readonly struct Exp : IFunction
{
    public static float Value(float x, float a) => KMath.Exp(x);
    public static float Derivative(float x, float y, float a) => y;
}

/// <summary>a·x.</summary>
public readonly struct Scale : IFunction
{
    public static float Value(float x, float a) => a * x;
    public static float Derivative(float x, float y, float a) => a;
}

/// <summary>x + a.</summary>
public readonly struct Shift : IFunction
{
    public static float Value(float x, float a) => x + a;
    public static float Derivative(float x, float y, float a) => 1f;
}
