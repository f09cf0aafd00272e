using Engine.Nn;

namespace Engine.Pretraining.Models;

/// <summary>
/// γ·Σ softmax(s)_j·h_j over the layers of a model (Peters et al., "Deep contextualized word representations", 2018, equation 1): a task's own
/// view of them, learned with the task. It begins as their mean.
/// </summary>
public sealed class ScalarMix : Module
{
    private readonly Parameter _scalars;
    private readonly Parameter _gamma;

    /// <summary>A mix of a number of layers.</summary>
    public ScalarMix(Device device, int layers)
        : base(device) => (_scalars, _gamma) = (Param("scalars", [layers], Initializer.Zeros), Param("gamma", [], Initializer.Ones));

    /// <summary>Layers of one shape, as many as the mix was made for → a tensor of that shape.</summary>
    /// <exception cref="EngineException">The layers are not of a step.</exception>
    public Tensor Forward(ReadOnlySpan<Tensor> layers)
    {
        StepScope step = layers[0].Scope ?? throw new EngineException("ScalarMix: layers must belong to a StepScope.");
        Tensor s = step.Use(_scalars).Softmax(0);
        Tensor sum = default;
        for (int j = 0; j < layers.Length; j++)
        {
            Tensor term = layers[j] * s.Slice(0, j, j + 1);
            sum = sum.IsDefined ? sum + term : term;
        }

        return step.Use(_gamma) * sum;
    }
}
