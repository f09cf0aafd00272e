using Engine.KernelLanguage;
using Engine.Kernels;

namespace Engine.Optim;

/// <summary>
/// LAMB (You et al. 2020): Adam's direction plus decay, given the length of the parameter tensor itself (the trust ratio
/// ‖p‖/‖u‖, 1 where a norm is zero), for very large batches. Norms are per tensor and stay on the device.
/// </summary>
public sealed class Lamb : Optimizer
{
    private readonly double _beta1;
    private readonly double _beta2;
    private readonly float _eps;
    private readonly Tensor _squaresP;
    private readonly Tensor _squaresU;
    private readonly Tensor _trust;
    private float _correct1;
    private float _root;

    /// <summary>An optimizer; defaults are the paper's.</summary>
    /// <param name="groups">Parameters with their decays; all on one device.</param>
    /// <param name="learningRate">Learning rate until the loop sets another.</param>
    /// <param name="beta1">Share of the past in the mean of gradients, 0 to below 1.</param>
    /// <param name="beta2">Share of the past in the mean of squares, 0 to below 1.</param>
    /// <param name="eps">Added to the root of the corrected mean of squares.</param>
    /// <exception cref="EngineException">A setting is out of range, a parameter comes twice or is not float32, or there is none.</exception>
    public Lamb(IEnumerable<ParameterGroup> groups, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-6)
        : base(nameof(Lamb), groups, learningRate, "exp_avg", "exp_avg_sq")
    {
        _beta1 = Setting.Fraction(nameof(Lamb), "beta1", beta1);
        _beta2 = Setting.Fraction(nameof(Lamb), "beta2", beta2);
        _eps = (float)Setting.AtLeastZero(nameof(Lamb), "eps", eps);
        long blocks = Math.Max(1, Groups.Max(g => g.Parameters.Max(p => (long?)Block.Cover(p.Value.Count)) ?? 0));
        _squaresP = Tensor.Empty(Device, [checked((int)blocks)], tag: "optimizer state");
        _squaresU = Tensor.Empty(Device, [(int)blocks], tag: "optimizer state");
        _trust = Tensor.Empty(Device, [1], tag: "optimizer state");
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _squaresP.Dispose();
        _squaresU.Dispose();
        _trust.Dispose();
        base.Dispose(disposing);
    }

    private protected override void Prepare(long step)
    {
        _correct1 = (float)(1 / (1 - Math.Pow(_beta1, step)));
        _root = (float)(1 / Math.Sqrt(1 - Math.Pow(_beta2, step)));
    }

    private protected override void Update(in ParameterUpdate u)
    {
        View<float> m = u.State(0);
        View<float> v = u.State(1);
        View<float> squaresP = _squaresP.Flat<float>();
        View<float> squaresU = _squaresU.Flat<float>();
        View<float> trust = _trust.Flat<float>();
        float decay = (float)u.WeightDecay;
        u.Device.Launch(
            new LambMoments(
                u.Value, u.Grad, m, v, squaresP, squaresU, u.Clip, u.GradScale, decay, (float)(1 - _beta1), (float)(1 - _beta2), _correct1, _root, _eps, u.Count),
            u.Blocks);
        u.Device.Launch(new LambTrust(squaresP, squaresU, trust, u.Blocks), 1);
        u.Device.Launch(new LambApply(u.Value, m, v, trust, (float)u.LearningRate, decay, _correct1, _root, _eps, u.Count), u.Blocks);
    }
}
