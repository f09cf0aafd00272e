namespace Engine.Kernels;

// The table of functions of two variables: value, ∂/∂a, ∂/∂b.
#pragma warning disable CS1591 // A row is its own documentation.

public readonly struct Sum : IFunction2
{
    public static float Value(float a, float b) => a + b;
    public static float DerivativeA(float a, float b) => 1f;
    public static float DerivativeB(float a, float b) => 1f;
}

public readonly struct Difference : IFunction2
{
    public static float Value(float a, float b) => a - b;
    public static float DerivativeA(float a, float b) => 1f;
    public static float DerivativeB(float a, float b) => -1f;
}

public readonly struct Product : IFunction2
{
    public static float Value(float a, float b) => a * b;
    public static float DerivativeA(float a, float b) => b;
    public static float DerivativeB(float a, float b) => a;
}

public readonly struct Quotient : IFunction2
{
    public static float Value(float a, float b) => a / b;
    public static float DerivativeA(float a, float b) => 1f / b;
    public static float DerivativeB(float a, float b) => -a / (b * b);
}
