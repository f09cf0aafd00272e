using Engine.Kernels;

namespace Engine.Optim;

/// <summary>What Adam and AdamW share: two moving averages, bias corrections and one kernel.</summary>
public abstract class AdamFamily : Optimizer
{
    private readonly double _beta1;
    private readonly double _beta2;
    private readonly double _eps;
    private readonly bool _decoupled;
    private double _correction1;
    private double _correction2;

    private protected AdamFamily(
        string name, IEnumerable<ParameterGroup> groups, double learningRate, double beta1, double beta2, double eps, bool amsgrad, bool decoupled)
        : base(name, groups, learningRate, amsgrad ? ["exp_avg", "exp_avg_sq", "max_exp_avg_sq"] : ["exp_avg", "exp_avg_sq"])
    {
        _beta1 = Setting.Fraction(name, "beta1", beta1);
        _beta2 = Setting.Fraction(name, "beta2", beta2);
        _eps = Setting.AtLeastZero(name, "eps", eps);
        _decoupled = decoupled;
    }

    private protected override void Prepare(long step)
    {
        _correction1 = 1 - Math.Pow(_beta1, step);
        _correction2 = 1 - Math.Pow(_beta2, step);
    }

    private protected override void Update(in ParameterUpdate u) => u.Device.Launch(
        new AdamStep(
            u.Value,
            u.Grad,
            u.State(0),
            u.State(1),
            u.State(2),
            u.Clip,
            u.GradScale,
            rate: (float)(u.LearningRate / _correction1),
            decay: _decoupled ? (float)(1 - (u.LearningRate * u.WeightDecay)) : 1f,
            l2: _decoupled ? 0f : (float)u.WeightDecay,
            oneMinusBeta1: (float)(1 - _beta1),
            oneMinusBeta2: (float)(1 - _beta2),
            root: (float)(1 / Math.Sqrt(_correction2)),
            eps: (float)_eps,
            u.Count),
        u.Blocks);
}
