using Engine.Nn;
using Engine.Pretraining.Models;

namespace Engine.Pretraining.Generation;

/// <summary>
/// Continues a prompt by beam search. The prompt is read once; then each pass reads one token of every beam, side by side in a
/// <see cref="KeyValueCache"/> with a row a beam (<see cref="BeamRows"/>).
/// </summary>
public static class BeamGenerator
{
    /// <summary>The best continuations, the best first; those found so far if cancelled.</summary>
    /// <param name="model">The model.</param>
    /// <param name="prompt">At least one token, fewer than the model reads.</param>
    /// <param name="tokens">The most tokens of a text, its end token included; fewer if the model's context ends before.</param>
    /// <param name="options">The search.</param>
    /// <param name="end">Tokens that end a text and are not part of it.</param>
    /// <param name="stop">Ends the search early.</param>
    /// <exception cref="EngineException">The prompt does not fit, or an option is out of range.</exception>
    public static IReadOnlyList<BeamText> Generate(
        CausalLanguageModel model, IReadOnlyList<int> prompt, int tokens, BeamOptions options, IReadOnlySet<int> end, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        int N = model.ContextLength;
        if (prompt.Count == 0 || prompt.Count >= N)
        {
            throw new EngineException(prompt.Count == 0
                ? "generate: the prompt is empty; give at least one token."
                : $"generate: the prompt has {prompt.Count} tokens and the model reads {N} with what it writes; shorten it.");
        }

        double alpha = options.Validated().LengthPenalty;
        int longest = Math.Min(tokens, N - prompt.Count);
        if (longest < 1)
        {
            return [new BeamText([], 0, 0)];
        }

        BeamSearch search = new(options, end, longest, length => Math.Pow(length, alpha));
        Run(model, prompt, search, options.Beams, stop);
        return search.Best();
    }

    private static void Run(CausalLanguageModel model, IReadOnlyList<int> prompt, BeamSearch search, int beams, CancellationToken stop)
    {
        int V = model.VocabSize;
        float[] scores = new float[beams * V];
        using StepScope step = new(model.Device, recording: false);
        using KeyValueCache cache = model.NewCache(beams);
        using (KeyValueCache read = model.NewCache())
        {
            model.NextTokenLogits(step.From<int>([.. prompt], [1, prompt.Count]), read).To(DType.Float32).CopyTo<float>(scores.AsSpan(0, V));
            for (int row = 0; row < beams; row++)
            {
                cache.CopyRow(step, read, 0, row, 0, prompt.Count);
            }
        }

        cache.Advance(prompt.Count);
        step.Clear();
        BeamRows rows = new(cache, beams, prompt.Count, search.Open[0]);
        search.Step(scores.AsSpan(0, V));
        while (!search.Done && !stop.IsCancellationRequested)
        {
            Tensor ids = step.From(rows.Place(step, search.Open), [beams, 1]);
            model.NextTokenLogits(ids, cache).To(DType.Float32).CopyTo<float>(scores);
            step.Clear();
            search.Step(rows.Ordered(scores, search.Open.Count));
        }
    }
}
