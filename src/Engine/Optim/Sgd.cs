using Engine.Kernels;

namespace Engine.Optim;

/// <summary>Stochastic gradient descent with momentum (PyTorch's form: the learning rate is outside the buffer). Weight decay is L2.</summary>
public sealed class Sgd : Optimizer
{
    private readonly double _momentum;
    private readonly bool _nesterov;

    /// <summary>An optimizer.</summary>
    /// <param name="groups">Parameters with their L2 factors.</param>
    /// <param name="learningRate">Learning rate until the loop sets another.</param>
    /// <param name="momentum">Share of the past in the step, 0 to below 1; 0 keeps no state.</param>
    /// <param name="nesterov">Look ahead along the buffer (Sutskever et al. 2013); needs a momentum.</param>
    /// <exception cref="EngineException">A setting is out of range, a parameter comes twice or is not float32.</exception>
    public Sgd(IEnumerable<ParameterGroup> groups, double learningRate, double momentum = 0, bool nesterov = false)
        : base(nameof(Sgd), groups, learningRate, momentum == 0 ? [] : ["momentum_buffer"])
    {
        _momentum = Setting.Fraction(nameof(Sgd), "momentum", momentum);
        _nesterov = !nesterov || momentum > 0 ? nesterov : throw new EngineException("Sgd: nesterov is set, but momentum is 0; expected a momentum above 0.");
    }

    private protected override void Update(in ParameterUpdate u) => u.Device.Launch(
        new SgdStep(
            u.Value, u.Grad, u.State(0), u.Clip, u.GradScale, (float)u.LearningRate, (float)_momentum, (float)u.WeightDecay, _nesterov ? 1 : 0, u.Count),
        u.Blocks);
}
