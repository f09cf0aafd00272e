namespace Engine.Nn;

/// <summary>Layer normalisation over the last axis with gain γ (ones at first) and, if wanted, bias β (zeros at first).</summary>
public sealed class LayerNorm : Module
{
    private readonly float _eps;

    /// <summary>A layer norm of the given width.</summary>
    /// <param name="device">Where the parameters live.</param>
    /// <param name="width">The size of the last axis, C.</param>
    /// <param name="eps">Added to the variance; 1e-5 in GPT-2.</param>
    /// <param name="bias">Whether there is a β.</param>
    public LayerNorm(Device device, int width, float eps = 1e-5f, bool bias = true)
        : base(device)
    {
        _eps = eps;
        Weight = Param("weight", [width], Initializer.Ones);
        Bias = bias ? Param("bias", [width], Initializer.Zeros) : null;
    }

    /// <summary>γ (C).</summary>
    public Parameter Weight { get; }

    /// <summary>β (C), or null.</summary>
    public Parameter? Bias { get; }

    /// <summary>x (…, C) → (…, C).</summary>
    public Tensor Forward(Tensor x) => x.LayerNorm(Weight, Bias?.Value ?? default, _eps);
}
