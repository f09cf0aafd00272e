using Engine.Kernels;

namespace Engine.Optim;

/// <summary>RMSprop (Hinton's lecture 6e, 2012). Weight decay is L2.</summary>
public sealed class RmsProp : Optimizer
{
    private readonly double _alpha;
    private readonly double _eps;

    /// <summary>An optimizer; defaults are PyTorch's.</summary>
    /// <param name="groups">Parameters with their L2 factors.</param>
    /// <param name="learningRate">Learning rate until the loop sets another.</param>
    /// <param name="alpha">Share of the past in the mean of squares, 0 to below 1.</param>
    /// <param name="eps">Added to the root of the mean of squares.</param>
    /// <exception cref="EngineException">A setting is out of range, a parameter comes twice or is not float32.</exception>
    public RmsProp(IEnumerable<ParameterGroup> groups, double learningRate = 1e-2, double alpha = 0.99, double eps = 1e-8)
        : base(nameof(RmsProp), groups, learningRate, "square_avg")
    {
        _alpha = Setting.Fraction(nameof(RmsProp), "alpha", alpha);
        _eps = Setting.AtLeastZero(nameof(RmsProp), "eps", eps);
    }

    private protected override void Update(in ParameterUpdate u) => u.Device.Launch(
        new RmsPropStep(
            u.Value, u.Grad, u.State(0), u.Clip, u.GradScale, (float)u.LearningRate, (float)u.WeightDecay, (float)(1 - _alpha), (float)_eps, u.Count),
        u.Blocks);
}
