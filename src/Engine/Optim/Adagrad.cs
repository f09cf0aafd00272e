using Engine.Kernels;

namespace Engine.Optim;

/// <summary>Adagrad (Duchi et al. 2011): rarely used rows keep a large step, which suits word vectors. Weight decay is L2.</summary>
public sealed class Adagrad : Optimizer
{
    private readonly double _eps;

    /// <summary>An optimizer; defaults are PyTorch's.</summary>
    /// <param name="groups">Parameters with their L2 factors.</param>
    /// <param name="learningRate">Learning rate until the loop sets another.</param>
    /// <param name="initialAccumulator">What the sum of squares starts at, at least 0.</param>
    /// <param name="eps">Added to the root of the sum of squares.</param>
    /// <exception cref="EngineException">A setting is out of range, a parameter comes twice or is not float32.</exception>
    public Adagrad(IEnumerable<ParameterGroup> groups, double learningRate = 1e-2, double initialAccumulator = 0, double eps = 1e-10)
        : base(nameof(Adagrad), groups, learningRate, new StateSlot("sum", (float)Setting.AtLeastZero(nameof(Adagrad), "initialAccumulator", initialAccumulator))) =>
        _eps = Setting.AtLeastZero(nameof(Adagrad), "eps", eps);

    private protected override void Update(in ParameterUpdate u) => u.Device.Launch(
        new AdagradStep(
            u.Value, u.Grad, u.State(0), u.Clip, u.GradScale, (float)u.LearningRate, (float)u.WeightDecay, (float)_eps, u.Count),
        u.Blocks);
}
