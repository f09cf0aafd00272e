namespace Engine.Optim;

/// <summary>
/// Adam (Kingma and Ba 2015). Weight decay, if any, is L2 regularisation: it joins the gradient and is scaled with it; see
/// <see cref="AdamW"/> for the decoupled form.
/// </summary>
public sealed class Adam : AdamFamily
{
    /// <summary>An optimizer; defaults are the paper's.</summary>
    /// <param name="groups">Parameters with their L2 factors.</param>
    /// <param name="learningRate">Learning rate until the loop sets another.</param>
    /// <param name="beta1">Share of the past in the mean of gradients, 0 to below 1.</param>
    /// <param name="beta2">Share of the past in the mean of squares, 0 to below 1.</param>
    /// <param name="eps">Added to the root of the corrected mean of squares.</param>
    /// <param name="amsgrad">Divide by the largest mean of squares so far (Reddi et al. 2018).</param>
    /// <exception cref="EngineException">A setting is out of range, a parameter comes twice or is not float32.</exception>
    public Adam(IEnumerable<ParameterGroup> groups, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, bool amsgrad = false)
        : base(nameof(Adam), groups, learningRate, beta1, beta2, eps, amsgrad, decoupled: false)
    {
    }
}
