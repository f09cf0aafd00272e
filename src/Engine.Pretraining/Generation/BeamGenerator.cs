using Engine.Nn;
using Engine.Pretraining.Models;

namespace Engine.Pretraining.Generation;

/// <summary>
/// Continues a prompt by beam search. The prompt is read once; then each pass reads one token of every beam, side by side in a
/// <see cref="KeyValueCache"/> with a row a beam. A beginning that goes on in one way stays in its row. One that goes on in several ways is
/// copied to rows whose beginnings were given up, and of it only the tokens in which the two differ: most often the last few.
/// </summary>
public sealed class BeamGenerator
{
    private readonly CausalLanguageModel _model;
    private readonly int _prompt;
    private readonly BeamSearch _search;
    private readonly KeyValueCache _cache;
    private readonly int[] _ids;

    // The beginning that each row of the cache holds, and the row of each open one.
    private readonly Beam?[] _rows;
    private readonly int[] _places;

    private BeamGenerator(CausalLanguageModel model, int prompt, BeamSearch search, int beams)
    {
        (_model, _prompt, _search, _cache) = (model, prompt, search, model.NewCache(beams));
        (_ids, _rows, _places) = (new int[beams], new Beam?[beams], new int[beams]);
    }

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
        BeamGenerator generator = new(model, prompt.Count, search, options.Beams);
        using (generator._cache)
        {
            generator.Run(prompt, stop);
        }

        return search.Best();
    }

    private void Run(IReadOnlyList<int> prompt, CancellationToken stop)
    {
        int V = _model.VocabSize;
        float[] scores = new float[_rows.Length * V];
        float[] ordered = new float[scores.Length];
        using StepScope step = new(_model.Device, recording: false);
        using (KeyValueCache read = _model.NewCache())
        {
            _model.NextTokenLogits(step.From<int>([.. prompt], [1, _prompt]), read).To(DType.Float32).CopyTo<float>(scores.AsSpan(0, V));
            for (int row = 0; row < _rows.Length; row++)
            {
                _cache.CopyRow(step, read, 0, row, 0, _prompt);
            }
        }

        _cache.Advance(_prompt);
        step.Clear();
        _rows[0] = _search.Open[0];
        _search.Step(scores.AsSpan(0, V));
        while (!_search.Done && !stop.IsCancellationRequested)
        {
            Place(step);
            _model.NextTokenLogits(step.From<int>(_ids, [_ids.Length, 1]), _cache).To(DType.Float32).CopyTo<float>(scores);
            step.Clear();
            int count = _search.Open.Count;
            for (int i = 0; i < count; i++)
            {
                scores.AsSpan(_places[i] * V, V).CopyTo(ordered.AsSpan(i * V));
            }

            _search.Step(ordered.AsSpan(0, count * V));
        }
    }

    // Gives each open beginning a row that holds all but its last token. Rows without one read a token that nobody looks at.
    private void Place(StepScope step)
    {
        IReadOnlyList<Beam> open = _search.Open;
        Beam?[] before = [.. _rows];
        Array.Clear(_rows);
        Array.Clear(_ids);
        for (int i = 0; i < open.Count; i++)
        {
            int row = Array.IndexOf(before, open[i].Parent);
            _places[i] = _rows[row] is null ? row : -1;
            _rows[row] ??= open[i];
        }

        for (int i = 0; i < open.Count; i++)
        {
            if (_places[i] < 0)
            {
                Beam parent = open[i].Parent!;
                int row = Array.IndexOf(_rows, null);
                int same = before[row] is { } held ? Beam.CommonLength(held, parent) : 0;
                _cache.CopyRow(step, _cache, Array.IndexOf(before, parent), row, _prompt + same, _prompt + parent.Length);
                (_rows[row], _places[i]) = (open[i], row);
            }

            _ids[_places[i]] = open[i].Token;
        }
    }
}
