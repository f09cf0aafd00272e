namespace Engine.Optim;

/// <summary>AdamW (Loshchilov and Hutter 2019): the parameter shrinks by 1 − lr·wd, then takes Adam's step.</summary>
public sealed class AdamW : AdamFamily
{
    /// <summary>An optimizer; defaults are PyTorch's. GPT-2 and Llama are trained with beta2 = 0.95 and weight decay 0.1.</summary>
    /// <param name="groups">Parameters with their decays; see <see cref="ParameterGroup.Split"/>.</param>
    /// <param name="learningRate">Learning rate until the loop sets another.</param>
    /// <param name="beta1">Share of the past in the mean of gradients, 0 to below 1.</param>
    /// <param name="beta2">Share of the past in the mean of squares, 0 to below 1.</param>
    /// <param name="eps">Added to the root of the corrected mean of squares.</param>
    /// <param name="amsgrad">Divide by the largest mean of squares so far (Reddi et al. 2018).</param>
    /// <exception cref="EngineException">A setting is out of range, a parameter comes twice or is not float32.</exception>
    public AdamW(IEnumerable<ParameterGroup> groups, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, bool amsgrad = false)
        : base(nameof(AdamW), groups, learningRate, beta1, beta2, eps, amsgrad, decoupled: true)
    {
    }
}
