using Engine.Nn;
using Engine.Pretraining.Models;

namespace Engine.Pretraining.Tests.Generation;

/// <summary>Untrained models whose texts are worth comparing.</summary>
internal static class SmallModels
{
    /// <summary>Makes blocks say more than the embedding, whose best guess at the next token is the last one.</summary>
    public static T Outspoken<T>(this T model)
        where T : CausalLanguageModel
    {
        foreach (Parameter parameter in model.Parameters.Where(p => p.Master.Rank == 2 && p.Name is not ("wte.weight" or "model.embed_tokens.weight")))
        {
            parameter.Master.Load<float>([.. parameter.Master.ToArray().Select(w => 6f * w)]);
        }

        return model;
    }
}
