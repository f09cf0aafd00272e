using Engine.Kernels;

namespace Engine.Optim;

/// <summary>
/// Lion (Chen et al. 2023): the sign of a momentum, so every element moves by lr. The paper advises a learning rate 3 to 10
/// times smaller and a weight decay as much larger than AdamW's. Decay is decoupled.
/// </summary>
public sealed class Lion : Optimizer
{
    private readonly double _beta1;
    private readonly double _beta2;

    /// <summary>An optimizer; defaults are the paper's.</summary>
    /// <param name="groups">Parameters with their decays.</param>
    /// <param name="learningRate">Learning rate until the loop sets another.</param>
    /// <param name="beta1">Share of the momentum in the sign, 0 to below 1.</param>
    /// <param name="beta2">Share of the past in the momentum, 0 to below 1.</param>
    /// <exception cref="EngineException">A setting is out of range, a parameter comes twice or is not float32.</exception>
    public Lion(IEnumerable<ParameterGroup> groups, double learningRate = 1e-4, double beta1 = 0.9, double beta2 = 0.99)
        : base(nameof(Lion), groups, learningRate, "exp_avg")
    {
        _beta1 = Setting.Fraction(nameof(Lion), "beta1", beta1);
        _beta2 = Setting.Fraction(nameof(Lion), "beta2", beta2);
    }

    private protected override void Update(in ParameterUpdate u) => u.Device.Launch(
        new LionStep(
            u.Value,
            u.Grad,
            u.State(0),
            u.Clip,
            u.GradScale,
            (float)u.LearningRate,
            decay: (float)(1 - (u.LearningRate * u.WeightDecay)),
            oneMinusBeta1: (float)(1 - _beta1),
            oneMinusBeta2: (float)(1 - _beta2),
            u.Count),
        u.Blocks);
}
