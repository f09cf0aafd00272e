using Engine.Nn;
using Engine.Pretraining.Models;

namespace Engine.Pretraining.Generation;

/// <summary>
/// Continues a prompt token by token: the prompt in one pass, then each token alone against the keys and values of those
/// before it. The context is at most as long as the model reads. When it is full, the latest half of it is read again from
/// position 0, so a long text costs a pass over half a context every half context, not at every token.
/// </summary>
public static class TextGenerator
{
    /// <summary>Yields the new tokens as they are drawn; stops early when cancelled.</summary>
    /// <param name="model">The model.</param>
    /// <param name="prompt">At least one token.</param>
    /// <param name="options">How to draw.</param>
    /// <param name="stop">Ends the text early.</param>
    /// <exception cref="EngineException">The prompt is empty or an option is out of range.</exception>
    public static IEnumerable<int> Generate(CausalLanguageModel model, IReadOnlyList<int> prompt, SamplingOptions options, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        if (prompt.Count == 0)
        {
            throw new EngineException("generate: the prompt is empty; give at least one token.");
        }

        int N = model.ContextLength;
        int[] context = new int[N];
        int count = 0;
        foreach (int token in prompt.TakeLast(N))
        {
            context[count++] = token;
        }

        return Continue(model, context, count, options, stop);
    }

    // context holds the tokens of positions 0 … count − 1; those that the cache has not got yet are read next.
    private static IEnumerable<int> Continue(CausalLanguageModel model, int[] context, int count, SamplingOptions options, CancellationToken stop)
    {
        TokenSampler sampler = new(options);
        using StepScope step = new(model.Device, recording: false);
        using KeyValueCache cache = model.NewCache();
        float[] scores = new float[model.VocabSize];
        for (int i = 0; i < options.Tokens && !stop.IsCancellationRequested; i++)
        {
            ReadOnlySpan<int> unread = context.AsSpan(cache.Length, count - cache.Length);
            model.NextTokenLogits(step.From(unread, [1, unread.Length]), cache).To(DType.Float32).CopyTo<float>(scores);
            step.Clear();
            int token = sampler.Next(scores, context.AsSpan(0, count));
            if (count == context.Length)
            {
                int kept = count / 2;
                context.AsSpan(count - kept).CopyTo(context);
                count = kept;
                cache.Clear();
            }

            context[count++] = token;
            yield return token;
        }
    }
}
