using Engine.Nn;

namespace Engine.Optim;

/// <summary>Parameters that share a weight decay and a factor on the learning rate.</summary>
public sealed class ParameterGroup
{
    /// <summary>A group.</summary>
    /// <param name="parameters">Its parameters; each belongs to exactly one group of an optimizer.</param>
    /// <param name="weightDecay">Decay per unit of learning rate, at least 0; how it enters the step is the optimizer's matter.</param>
    /// <param name="learningRateScale">Factor on the optimizer's learning rate, at least 0; below 1 for early layers in fine-tuning.</param>
    /// <exception cref="EngineException">A number is negative or not finite.</exception>
    public ParameterGroup(IEnumerable<Parameter> parameters, double weightDecay = 0, double learningRateScale = 1)
    {
        Parameters = [.. parameters];
        WeightDecay = Setting.AtLeastZero("ParameterGroup", "weightDecay", weightDecay);
        LearningRateScale = Setting.AtLeastZero("ParameterGroup", "learningRateScale", learningRateScale);
    }

    /// <summary>The parameters, in the order in which they are updated.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Decay per unit of learning rate.</summary>
    public double WeightDecay { get; }

    /// <summary>Factor on the optimizer's learning rate.</summary>
    public double LearningRateScale { get; }

    /// <summary>
    /// The usual two groups: parameters of rank 2 and more (matrices, embeddings, filters) decay, those of rank 0 and 1
    /// (biases, gains of norms) do not; as GPT-2, nanoGPT and BERT are trained.
    /// </summary>
    public static IReadOnlyList<ParameterGroup> Split(IEnumerable<Parameter> parameters, double weightDecay)
    {
        ILookup<bool, Parameter> decays = parameters.ToLookup(p => p.Value.Rank >= 2);
        return [new ParameterGroup(decays[true], weightDecay), new ParameterGroup(decays[false])];
    }
}
