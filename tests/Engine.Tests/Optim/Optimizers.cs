using Engine.Nn;
using Engine.Optim;

namespace Engine.Tests.Optim;

/// <summary>Every update rule under a name, with all its branches, for tests that hold for all of them.</summary>
internal static class Optimizers
{
    public static IReadOnlyDictionary<string, Func<IReadOnlyList<ParameterGroup>, Optimizer>> All { get; } =
        new Dictionary<string, Func<IReadOnlyList<ParameterGroup>, Optimizer>>
        {
            ["sgd"] = g => new Sgd(g, 0.1),
            ["sgd momentum"] = g => new Sgd(g, 0.1, momentum: 0.9),
            ["sgd nesterov"] = g => new Sgd(g, 0.1, momentum: 0.9, nesterov: true),
            ["adam"] = g => new Adam(g, 0.1),
            ["adam amsgrad"] = g => new Adam(g, 0.1, amsgrad: true),
            ["adamw"] = g => new AdamW(g, 0.1),
            ["adamw amsgrad"] = g => new AdamW(g, 0.1, amsgrad: true),
            ["rmsprop"] = g => new RmsProp(g, 0.1),
            ["adagrad"] = g => new Adagrad(g, 0.1, initialAccumulator: 0.1),
            ["lion"] = g => new Lion(g, 0.01),
            ["lamb"] = g => new Lamb(g, 0.1),
            ["adafactor"] = g => new Adafactor(g, 0.1),
        };

    public static Optimizer Make(string name, IEnumerable<Parameter> parameters, double weightDecay = 0.1) =>
        All[name](ParameterGroup.Split(parameters, weightDecay));
}
