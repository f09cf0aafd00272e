using Engine.Kernels;

namespace Engine;

/// <content>Arithmetic. Operators with a number run scalar kernels; nothing converts implicitly.</content>
public readonly partial struct Tensor
{
    /// <summary>a + b, broadcast.</summary>
    public static Tensor operator +(Tensor a, Tensor b) => a.Add(b);

    /// <summary>a − b, broadcast.</summary>
    public static Tensor operator -(Tensor a, Tensor b) => a.Sub(b);

    /// <summary>a·b element by element, broadcast.</summary>
    public static Tensor operator *(Tensor a, Tensor b) => a.Mul(b);

    /// <summary>a/b element by element, broadcast.</summary>
    public static Tensor operator /(Tensor a, Tensor b) => a.Div(b);

    /// <summary>x + a for a number.</summary>
    public static Tensor operator +(Tensor x, float a) => MapOp<Shift>.Apply(x, a);

    /// <summary>a + x for a number.</summary>
    public static Tensor operator +(float a, Tensor x) => MapOp<Shift>.Apply(x, a);

    /// <summary>x − a for a number.</summary>
    public static Tensor operator -(Tensor x, float a) => MapOp<Shift>.Apply(x, -a);

    /// <summary>a − x for a number.</summary>
    public static Tensor operator -(float a, Tensor x) => MapOp<SubtractFrom>.Apply(x, a);

    /// <summary>x·a for a number.</summary>
    public static Tensor operator *(Tensor x, float a) => MapOp<Scale>.Apply(x, a);

    /// <summary>a·x for a number.</summary>
    public static Tensor operator *(float a, Tensor x) => MapOp<Scale>.Apply(x, a);

    /// <summary>x/a for a number.</summary>
    public static Tensor operator /(Tensor x, float a) => MapOp<DivideBy>.Apply(x, a);

    /// <summary>a/x for a number.</summary>
    public static Tensor operator /(float a, Tensor x) => MapOp<DivideInto>.Apply(x, a);

    /// <summary>−x.</summary>
    public static Tensor operator -(Tensor x) => MapOp<Scale>.Apply(x, -1f);

    /// <summary>This + <paramref name="b"/>, broadcast.</summary>
    /// <exception cref="EngineException">The shapes do not broadcast.</exception>
    public Tensor Add(Tensor b) => CombineOp<Sum>.Apply(this, b);

    /// <summary>This − <paramref name="b"/>, broadcast.</summary>
    /// <exception cref="EngineException">The shapes do not broadcast.</exception>
    public Tensor Sub(Tensor b) => CombineOp<Difference>.Apply(this, b);

    /// <summary>This·<paramref name="b"/> element by element, broadcast.</summary>
    /// <exception cref="EngineException">The shapes do not broadcast.</exception>
    public Tensor Mul(Tensor b) => CombineOp<Product>.Apply(this, b);

    /// <summary>This/<paramref name="b"/> element by element, broadcast.</summary>
    /// <exception cref="EngineException">The shapes do not broadcast.</exception>
    public Tensor Div(Tensor b) => CombineOp<Quotient>.Apply(this, b);

    /// <summary>The larger of this and <paramref name="b"/> element by element, broadcast; NaN wins, and equal elements share the gradient by halves.</summary>
    /// <exception cref="EngineException">The shapes do not broadcast.</exception>
    public Tensor Maximum(Tensor b) => CombineOp<Maximum>.Apply(this, b);

    /// <summary>The smaller of this and <paramref name="b"/> element by element, broadcast; NaN wins, and equal elements share the gradient by halves.</summary>
    /// <exception cref="EngineException">The shapes do not broadcast.</exception>
    public Tensor Minimum(Tensor b) => CombineOp<Minimum>.Apply(this, b);
}
