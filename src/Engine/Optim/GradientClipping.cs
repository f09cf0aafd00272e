using Engine.KernelLanguage;
using Engine.Kernels;
using Engine.Nn;

namespace Engine.Optim;

/// <summary>
/// Keeps gradients short. An instance belongs to a training loop: <see cref="Measure"/> leaves the global norm and the clipping
/// factor on the device, and the optimizer's step multiplies by the factor, so nothing waits and no gradient is written. The
/// static methods change the gradients themselves.
/// </summary>
public sealed class GradientClipping : IDisposable
{
    private readonly Parameter[] _parameters;
    private readonly Tensor _partial;

    /// <summary>Clipping of a set of parameters, all on one device.</summary>
    /// <exception cref="EngineException">There is no parameter, or they are on different devices.</exception>
    public GradientClipping(IEnumerable<Parameter> parameters)
    {
        _parameters = [.. parameters];
        Device device = SameDevice.Of(nameof(GradientClipping), _parameters);
        long blocks = _parameters.Sum(p => Block.Cover(p.Value.Count));
        _partial = Tensor.Empty(device, [checked((int)Math.Max(1, blocks))], tag: "gradient norm");
        Norm = Tensor.Zeros(device, [1], tag: "gradient norm");
        Scale = Tensor.Zeros(device, [1], tag: "gradient norm");
        Scale.FillInPlace(1f);
    }

    /// <summary>The global norm before clipping (1), as of the last <see cref="Measure"/>; reading it waits for the device.</summary>
    public Tensor Norm { get; }

    /// <summary>The factor min(1, maxNorm/(norm + 1e-6)) (1); what <see cref="Optimizer.Step"/> takes.</summary>
    public Tensor Scale { get; }

    /// <summary>
    /// Computes <see cref="Norm"/> and <see cref="Scale"/> over all gradients that backward has reached; without any, 0 and 1.
    /// The sum is in a fixed order: the same gradients give the same bits.
    /// </summary>
    /// <param name="maxNorm">The longest global L2 norm let through, above 0; infinity only measures.</param>
    /// <param name="gradScale">The optimizer's <see cref="Optimizer.GradScale"/>: norms are of the gradients it scales by.</param>
    /// <exception cref="EngineException">A number is out of range.</exception>
    public void Measure(double maxNorm, double gradScale = 1)
    {
        if (!(maxNorm > 0))
        {
            throw new EngineException($"GradientClipping: maxNorm is {maxNorm}, expected a number above 0.");
        }

        _ = Setting.Positive(nameof(GradientClipping), "gradScale", gradScale);
        using ProfileSpan span = Norm.Device.Span("clip");
        View<float> partial = _partial.Flat<float>();
        long at = 0;
        foreach (Parameter parameter in _parameters)
        {
            if (parameter.Grad is { IsDefined: true } grad)
            {
                long blocks = Block.Cover(grad.Count);
                grad.Device.Launch(new SumOfSquares(grad.Flat<float>(), partial, at, grad.Count), blocks);
                at += blocks;
            }
        }

        Norm.Data.Storage!.Version++;
        Scale.Data.Storage!.Version++;
        Norm.Device.Launch(new ClipScale(partial, Norm.Flat<float>(), Scale.Flat<float>(), (float)maxNorm, (float)gradScale, at), 1);
    }

    /// <summary>Frees the norm, the factor and the scratch memory.</summary>
    public void Dispose()
    {
        _partial.Dispose();
        Norm.Dispose();
        Scale.Dispose();
    }

    /// <summary>Scales the gradients in place so that their global L2 norm is at most <paramref name="maxNorm"/>.</summary>
    /// <returns>The norm before clipping.</returns>
    /// <exception cref="EngineException"><paramref name="maxNorm"/> is not above 0, or the parameters are on different devices.</exception>
    public static float ByGlobalNorm(IEnumerable<Parameter> parameters, double maxNorm)
    {
        using GradientClipping clipping = new(parameters);
        clipping.Measure(maxNorm);
        foreach (Parameter parameter in clipping._parameters)
        {
            if (parameter.Grad is { IsDefined: true } grad)
            {
                grad.Data.Storage!.Version++;
                grad.Device.Launch(new Rescale(grad.Flat<float>(), clipping.Scale.Flat<float>(), grad.Count), Block.Cover(grad.Count));
            }
        }

        return clipping.Norm.Item();
    }

    /// <summary>Limits every element of every gradient to ±<paramref name="limit"/>, in place.</summary>
    /// <exception cref="EngineException"><paramref name="limit"/> is not above 0.</exception>
    public static void ByValue(IEnumerable<Parameter> parameters, double limit)
    {
        float bound = (float)Setting.Positive(nameof(GradientClipping), "limit", limit);
        foreach (Parameter parameter in parameters)
        {
            if (parameter.Grad is { IsDefined: true } grad)
            {
                grad.Data.Storage!.Version++;
                grad.Device.Launch(new Limit(grad.Flat<float>(), bound, grad.Count), Block.Cover(grad.Count));
            }
        }
    }
}
