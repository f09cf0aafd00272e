namespace Engine.Nn;

/// <summary>
/// y = f(x·W + b) with W stored (in, out): the layout of GPT-2 checkpoints, whose original code calls it a convolution of
/// width 1.
/// </summary>
public sealed class Conv1D : Module
{
    private readonly Activation _activation;

    /// <summary>A projection from <paramref name="inputs"/> to <paramref name="outputs"/> features.</summary>
    /// <param name="device">Where the parameters live.</param>
    /// <param name="inputs">Size of x's last axis.</param>
    /// <param name="outputs">Size of y's last axis.</param>
    /// <param name="initializer">First values of W; b starts at zero.</param>
    /// <param name="activation">f, fused into the product.</param>
    /// <param name="bias">Whether there is a b.</param>
    public Conv1D(Device device, int inputs, int outputs, Initializer initializer, Activation activation = Activation.None, bool bias = true)
        : base(device)
    {
        _activation = activation;
        Weight = Param("weight", [inputs, outputs], initializer, channelAxis: 1);
        Bias = bias ? Param("bias", [outputs], Initializer.Zeros) : null;
    }

    /// <summary>W (in, out).</summary>
    public Parameter Weight { get; }

    /// <summary>b (out), or null.</summary>
    public Parameter? Bias { get; }

    /// <summary>x (…, in) → (…, out).</summary>
    public Tensor Forward(Tensor x) => x.Conv1D(Weight, Bias?.Value ?? default, _activation);
}
