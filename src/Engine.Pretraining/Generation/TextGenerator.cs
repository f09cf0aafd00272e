using Engine.Pretraining.Models;

namespace Engine.Pretraining.Generation;

/// <summary>Continues a prompt token by token. The context is the last n_positions tokens.</summary>
public static class TextGenerator
{
    /// <summary>Yields the new tokens as they are drawn; stops early when cancelled.</summary>
    /// <param name="model">The model.</param>
    /// <param name="prompt">At least one token.</param>
    /// <param name="options">How to draw.</param>
    /// <param name="stop">Ends the text early.</param>
    /// <exception cref="EngineException">The prompt is empty or an option is out of range.</exception>
    public static IEnumerable<int> Generate(Gpt2 model, IReadOnlyList<int> prompt, SamplingOptions options, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        if (prompt.Count == 0)
        {
            throw new EngineException("generate: the prompt is empty; give at least one token.");
        }

        return Continue(model, [.. prompt], options, stop);
    }

    private static IEnumerable<int> Continue(Gpt2 model, List<int> tokens, SamplingOptions options, CancellationToken stop)
    {
        TokenSampler sampler = new(options);
        using StepScope step = new(model.Device, recording: false);
        float[] scores = new float[model.Config.VocabSize];
        for (int i = 0; i < options.Tokens && !stop.IsCancellationRequested; i++)
        {
            int[] context = [.. tokens.Skip(Math.Max(0, tokens.Count - model.Config.NPositions))];
            model.NextTokenLogits(step.From<int>(context, [1, context.Length])).To(DType.Float32).CopyTo<float>(scores);
            step.Clear();
            int token = sampler.Next(scores);
            tokens.Add(token);
            yield return token;
        }
    }
}
