using Engine.Kernels;

namespace Engine;

/// <content>The fluent names of the function table. All work element by element and keep the shape.</content>
public readonly partial struct Tensor
{
    /// <summary>max(x, 0); the gradient at 0 is 0.</summary>
    public Tensor Relu() => MapOp<Relu>.Apply(this);

    /// <summary>x above 0, <paramref name="slope"/>·x below. PyTorch's default slope is 0.01.</summary>
    public Tensor LeakyRelu(float slope = 0.01f) => MapOp<LeakyRelu>.Apply(this, slope);

    /// <summary>max(x, 0)² (So et al., "Primer", 2021).</summary>
    public Tensor ReluSquared() => MapOp<ReluSquared>.Apply(this);

    /// <summary>x above 0, <paramref name="alpha"/>·(eˣ − 1) below (Clevert et al., 2015, with α = 1).</summary>
    public Tensor Elu(float alpha = 1f) => MapOp<Elu>.Apply(this, alpha);

    /// <summary>x·Φ(x) with the exact normal distribution (Hendrycks and Gimpel, 2016).</summary>
    public Tensor Gelu() => MapOp<Gelu>.Apply(this);

    /// <summary>The tanh approximation of <see cref="Gelu"/>, the one in GPT-2's checkpoints.</summary>
    public Tensor GeluTanh() => MapOp<GeluTanh>.Apply(this);

    /// <summary>x·σ(1.702x), the approximation of <see cref="Gelu"/> in CLIP's checkpoints.</summary>
    public Tensor QuickGelu() => MapOp<QuickGelu>.Apply(this);

    /// <summary>x·σ(x), also called swish.</summary>
    public Tensor Silu() => MapOp<Silu>.Apply(this);

    /// <summary>x·tanh(softplus x) (Misra, 2019).</summary>
    public Tensor Mish() => MapOp<Mish>.Apply(this);

    /// <summary>x·min(max(x + 3, 0), 6)/6 (Howard et al., "MobileNetV3", 2019).</summary>
    public Tensor HardSwish() => MapOp<HardSwish>.Apply(this);

    /// <summary>σ(x) = 1/(1 + e⁻ˣ).</summary>
    public Tensor Sigmoid() => MapOp<Sigmoid>.Apply(this);

    /// <summary>log σ(x), without overflow or cancellation for any x.</summary>
    public Tensor LogSigmoid() => MapOp<LogSigmoid>.Apply(this);

    /// <summary>log(1 + eˣ), without overflow or cancellation for any x.</summary>
    public Tensor Softplus() => MapOp<Softplus>.Apply(this);

    /// <summary>Hyperbolic tangent.</summary>
    public Tensor Tanh() => MapOp<Tanh>.Apply(this);

    /// <summary>eˣ.</summary>
    public Tensor Exp() => MapOp<Exp>.Apply(this);

    /// <summary>Natural logarithm.</summary>
    public Tensor Log() => MapOp<Log>.Apply(this);

    /// <summary>√x; the gradient at 0 is infinite.</summary>
    public Tensor Sqrt() => MapOp<Sqrt>.Apply(this);

    /// <summary>1/√x.</summary>
    public Tensor Rsqrt() => MapOp<Rsqrt>.Apply(this);

    /// <summary>x², which costs less than a power.</summary>
    public Tensor Square() => MapOp<Square>.Apply(this);

    /// <summary>x to a power; NaN for a negative x and a fractional power.</summary>
    public Tensor Pow(float exponent) => MapOp<Pow>.Apply(this, exponent);

    /// <summary>1/x.</summary>
    public Tensor Reciprocal() => MapOp<DivideInto>.Apply(this, 1f);

    /// <summary>−x.</summary>
    public Tensor Neg() => MapOp<Scale>.Apply(this, -1f);

    /// <summary>|x|; the gradient at 0 is 0.</summary>
    public Tensor Abs() => MapOp<Abs>.Apply(this);

    /// <summary>Sine of radians.</summary>
    public Tensor Sin() => MapOp<Sin>.Apply(this);

    /// <summary>Cosine of radians.</summary>
    public Tensor Cos() => MapOp<Cos>.Apply(this);

    /// <summary>The error function 2/√π ∫₀ˣ e^(−t²) dt.</summary>
    public Tensor Erf() => MapOp<Erf>.Apply(this);

    /// <summary>max(x, <paramref name="low"/>); the gradient passes where x ≥ low.</summary>
    public Tensor ClampMin(float low) => MapOp<ClampMin>.Apply(this, low);

    /// <summary>min(x, <paramref name="high"/>); the gradient passes where x ≤ high.</summary>
    public Tensor ClampMax(float high) => MapOp<ClampMax>.Apply(this, high);

    /// <summary>x limited to [low, high]; the gradient passes inside and on the bounds.</summary>
    /// <exception cref="EngineException"><paramref name="low"/> is above <paramref name="high"/>.</exception>
    public Tensor Clamp(float low, float high)
    {
        if (low > high)
        {
            Check.Fail("Clamp", $"low {low} is above high {high} for x {Shape}.", this);
        }

        return ClampMin(low).ClampMax(high);
    }
}
