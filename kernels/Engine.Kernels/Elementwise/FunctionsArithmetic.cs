using Engine.KernelLanguage;

namespace Engine.Kernels;

// The table of functions of one variable, first part: arithmetic with a number, bounds, powers. Each row gives f(x), f′(x)
// and which of x and y = f(x) the derivative reads; `a` is the row's parameter, where there is one.
#pragma warning disable CS1591, SA1649 // A row is its own documentation.

/// <summary>a·x.</summary>
public readonly partial struct Scale : IFunction
{
    public static Reads Reads => Reads.Neither;
    public static float Value(float x, float a) => a * x;
    public static float Derivative(float x, float y, float a) => a;
}

/// <summary>x/a, rounded once.</summary>
public readonly partial struct DivideBy : IFunction
{
    public static Reads Reads => Reads.Neither;
    public static float Value(float x, float a) => x / a;
    public static float Derivative(float x, float y, float a) => 1f / a;
}

/// <summary>x + a.</summary>
public readonly partial struct Shift : IFunction
{
    public static Reads Reads => Reads.Neither;
    public static float Value(float x, float a) => x + a;
    public static float Derivative(float x, float y, float a) => 1f;
}

/// <summary>a − x.</summary>
public readonly partial struct SubtractFrom : IFunction
{
    public static Reads Reads => Reads.Neither;
    public static float Value(float x, float a) => a - x;
    public static float Derivative(float x, float y, float a) => -1f;
}

/// <summary>a/x.</summary>
public readonly partial struct DivideInto : IFunction
{
    public static Reads Reads => Reads.X;
    public static float Value(float x, float a) => a / x;
    public static float Derivative(float x, float y, float a) => -(a / x) / x;
}

/// <summary>max(x, a). The gradient passes where x ≥ a.</summary>
public readonly partial struct ClampMin : IFunction
{
    public static Reads Reads => Reads.X;
    public static float Value(float x, float a) => KMath.Max(x, a);
    public static float Derivative(float x, float y, float a) => x >= a ? 1f : 0f;
}

/// <summary>min(x, a). The gradient passes where x ≤ a.</summary>
public readonly partial struct ClampMax : IFunction
{
    public static Reads Reads => Reads.X;
    public static float Value(float x, float a) => KMath.Min(x, a);
    public static float Derivative(float x, float y, float a) => x <= a ? 1f : 0f;
}

/// <summary>|x|; the derivative at 0 is 0.</summary>
public readonly partial struct Abs : IFunction
{
    public static Reads Reads => Reads.X;
    public static float Value(float x, float a) => KMath.Abs(x);
    public static float Derivative(float x, float y, float a) => x > 0f ? 1f : x < 0f ? -1f : 0f;
}

public readonly partial struct Square : IFunction
{
    public static Reads Reads => Reads.X;
    public static float Value(float x, float a) => x * x;
    public static float Derivative(float x, float y, float a) => 2f * x;
}

/// <summary>√x; the derivative at 0 is infinite.</summary>
public readonly partial struct Sqrt : IFunction
{
    public static Reads Reads => Reads.Y;
    public static float Value(float x, float a) => KMath.Sqrt(x);
    public static float Derivative(float x, float y, float a) => 0.5f / y;
}

/// <summary>1/√x.</summary>
public readonly partial struct Rsqrt : IFunction
{
    public static Reads Reads => Reads.Y;
    public static float Value(float x, float a) => KMath.Rsqrt(x);
    public static float Derivative(float x, float y, float a) => -0.5f * y * y * y;
}

/// <summary>xᵃ. For a = 0 the derivative is 0 at x = 0 too.</summary>
public readonly partial struct Pow : IFunction
{
    public static Reads Reads => Reads.X;
    public static float Value(float x, float a) => KMath.Pow(x, a);
    public static float Derivative(float x, float y, float a) => a == 0f ? 0f : a * KMath.Pow(x, a - 1f);
}
