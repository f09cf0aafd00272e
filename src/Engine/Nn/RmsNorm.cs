namespace Engine.Nn;

/// <summary>RMS normalisation over the last axis (Zhang, Sennrich 2019) with gain γ (ones at first): no mean, no bias.</summary>
public sealed class RmsNorm : Module
{
    private readonly float _eps;

    /// <summary>An RMS norm of the given width.</summary>
    /// <param name="device">Where the parameter lives.</param>
    /// <param name="width">The size of the last axis, C.</param>
    /// <param name="eps">Added to the mean square; 1e-6 in T5, 1e-5 in Llama 2.</param>
    public RmsNorm(Device device, int width, float eps = 1e-6f)
        : base(device)
    {
        _eps = eps;
        Weight = Param("weight", [width], Initializer.Ones);
    }

    /// <summary>γ (C).</summary>
    public Parameter Weight { get; }

    /// <summary>x (…, C) → (…, C).</summary>
    public Tensor Forward(Tensor x) => x.RmsNorm(Weight, _eps);
}
