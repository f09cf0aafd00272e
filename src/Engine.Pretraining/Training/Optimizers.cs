using Engine.Nn;
using Engine.Optim;
using Engine.Pretraining.Configuration;

namespace Engine.Pretraining.Training;

/// <summary>The optimizer that a configuration names.</summary>
internal static class Optimizers
{
    /// <summary>The values of the key <c>optimizer</c>.</summary>
    public static IReadOnlyList<string> Names { get; } = ["adamw", "lamb", "lion", "adafactor"];

    /// <summary>An optimizer for a model: matrices decay, biases and norms do not.</summary>
    public static Optimizer From(PretrainConfig c, Module model)
    {
        IEnumerable<ParameterGroup> groups = ParameterGroup.Split(model.Parameters, c.WeightDecay);
        return c.Optimizer switch
        {
            "lamb" => new Lamb(groups, c.LearningRate, c.Beta1, c.Beta2, c.Eps),
            "lion" => new Lion(groups, c.LearningRate, c.Beta1, c.Beta2),
            "adafactor" => new Adafactor(groups, c.LearningRate),
            _ => new AdamW(groups, c.LearningRate, c.Beta1, c.Beta2, c.Eps),
        };
    }
}
