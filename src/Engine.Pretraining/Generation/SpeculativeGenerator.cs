using Engine.Nn;
using Engine.Pretraining.Models;

namespace Engine.Pretraining.Generation;

/// <summary>
/// Continues a prompt with the help of a draft model (Leviathan et al., "Fast inference from transformers via speculative decoding", 2023;
/// Chen et al., "Accelerating large language model decoding with speculative sampling", 2023). The draft writes K tokens; the model reads
/// them all in one pass and takes a token x with probability min(1, p(x)/q(x)), p its own and q the draft's distribution, both after
/// temperature, penalty and cuts. The first that it does not take is drawn again from max(0, p − q), and behind K that are taken comes one from p:
/// each token is distributed as p, as without a draft. Without temperature, tokens are those the model writes alone, but for
/// rounding where two scores are all but equal: a pass over several tokens may sum in another order. Contexts that are full go on as in
/// <see cref="TextGenerator"/>.
/// </summary>
public sealed class SpeculativeGenerator : IDisposable
{
    private readonly Speculation _speculation;
    private readonly Reader _model;
    private readonly Reader _draft;
    private readonly TokenSampler _sampler;
    private readonly int[] _context;
    private readonly double[][] _guesses;
    private readonly double[] _probabilities;
    private int _count;

    private SpeculativeGenerator(CausalLanguageModel model, Speculation speculation, IReadOnlyList<int> prompt, SamplingOptions options)
    {
        (_speculation, _sampler, _context) = (speculation, new TokenSampler(options), new int[model.ContextLength]);
        (_model, _draft) = (new Reader(model, speculation.Tokens + 1), new Reader(speculation.Draft, 1));
        _guesses = [.. Enumerable.Range(0, speculation.Tokens).Select(_ => new double[model.VocabSize])];
        _probabilities = new double[model.VocabSize];
        foreach (int token in prompt.TakeLast(_context.Length))
        {
            _context[_count++] = token;
        }
    }

    /// <summary>Yields the new tokens as they are drawn; stops early when cancelled.</summary>
    /// <param name="model">The model whose text it is.</param>
    /// <param name="speculation">The draft; counts what is taken of it.</param>
    /// <param name="prompt">At least one token.</param>
    /// <param name="options">How to draw.</param>
    /// <param name="stop">Ends the text early.</param>
    /// <exception cref="EngineException">The prompt is empty, an option is out of range, or the vocabularies differ.</exception>
    public static IEnumerable<int> Generate(
        CausalLanguageModel model, Speculation speculation, IReadOnlyList<int> prompt, SamplingOptions options, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(speculation);
        ArgumentNullException.ThrowIfNull(options);
        options.Validated();
        return prompt.Count == 0 ? throw new EngineException("generate: the prompt is empty; give at least one token.")
            : speculation.Draft.VocabSize != model.VocabSize
            ? throw new EngineException($"generate: the draft has {speculation.Draft.VocabSize} tokens and the model {model.VocabSize}; a draft needs the model's own vocabulary.")
            : Write(model, speculation, prompt, options, stop);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _model.Dispose();
        _draft.Dispose();
    }

    private static IEnumerable<int> Write(CausalLanguageModel model, Speculation speculation, IReadOnlyList<int> prompt, SamplingOptions options, CancellationToken stop)
    {
        using SpeculativeGenerator generator = new(model, speculation, prompt, options);
        for (int left = options.Tokens; left > 0 && !stop.IsCancellationRequested;)
        {
            int first = generator._count;
            int last = generator.Round(left);
            left -= generator._count - first + 1;
            for (int i = first; i < generator._count; i++)
            {
                yield return generator._context[i];
            }

            generator.Append(last);
            yield return last;
        }
    }

    // Guesses, reads, and counts those guesses to the context that are taken. Gives the token behind them.
    private int Round(int left)
    {
        int guesses = Math.Min(Math.Min(_speculation.Tokens, left - 1), Math.Min(_context.Length - _count, _draft.MostGuesses));
        _draft.MakeRoom(_count, guesses);
        for (int i = 0; i < guesses; i++)
        {
            ReadOnlySpan<int> text = _context.AsSpan(0, _count + i);
            _sampler.Distribute(_draft.Read(text, 1), text, _guesses[i]);
            _context[_count + i] = _sampler.Draw(_guesses[i], 1);
        }

        int taken = 0;
        double[] p = _probabilities;
        ReadOnlySpan<float> scores = _model.Read(_context.AsSpan(0, _count + guesses), guesses + 1);
        Distribute(scores, taken);
        while (taken < guesses && _context[_count + taken] is var guess && _sampler.Happens(p[guess] / _guesses[taken][guess]))
        {
            taken++;
            Distribute(scores, taken);
        }

        int token = taken < guesses ? DrawRest(p, _guesses[taken]) : _sampler.Draw(p, 1);
        _count += taken;
        _model.Forget(_count);
        _draft.Forget(_count);
        _speculation.Drafted += guesses;
        _speculation.Accepted += taken;
        _speculation.Passes++;
        return token;
    }

    private void Distribute(ReadOnlySpan<float> scores, int row) =>
        _sampler.Distribute(scores.Slice(row * _probabilities.Length, _probabilities.Length), _context.AsSpan(0, _count + row), _probabilities);

    private int DrawRest(double[] p, double[] q)
    {
        double total = 0;
        for (int i = 0; i < p.Length; i++)
        {
            q[i] = Math.Max(0, p[i] - q[i]);
            total += q[i];
        }

        return total > 0 ? _sampler.Draw(q, total) : _sampler.Draw(p, 1);
    }

    private void Append(int token)
    {
        if (_count == _context.Length)
        {
            int kept = _count / 2;
            _context.AsSpan(_count - kept).CopyTo(_context);
            _count = kept;
            _model.Restart(0);
            _draft.Restart(0);
        }

        _context[_count++] = token;
    }

    /// <summary>A model and what it has read of the context: the tokens from <c>_first</c> on.</summary>
    private sealed class Reader(CausalLanguageModel model, int mostRows) : IDisposable
    {
        private readonly StepScope _step = new(model.Device, recording: false);
        private readonly KeyValueCache _cache = model.NewCache();
        private readonly float[] _scores = new float[mostRows * model.VocabSize];
        private int _first;

        /// <summary>How far a model of this context can guess when it has just begun anew with half of it.</summary>
        public int MostGuesses => model.ContextLength / 2;

        /// <summary>Reads what is new of the text and gives the scores of what follows each of its last tokens.</summary>
        public ReadOnlySpan<float> Read(ReadOnlySpan<int> text, int rows)
        {
            ReadOnlySpan<int> unread = text[(_first + _cache.Length)..];
            int n = unread.Length;
            Span<float> scores = _scores.AsSpan(0, rows * model.VocabSize);
            Tensor hidden = model.Hidden(_step.From(unread, [1, n]), _cache);
            model.TokenLogits(hidden.Slice(1, n - rows, n)).To(DType.Float32).CopyTo(scores);
            _step.Clear();
            return scores;
        }

        /// <summary>Begins anew with the latest part of a text if it is too long to be continued by so many tokens.</summary>
        public void MakeRoom(int count, int tokens)
        {
            if (count - _first + tokens > model.ContextLength)
            {
                Restart(count - ((model.ContextLength + 1) / 2));
            }
        }

        /// <summary>Forgets what it has read behind the first <paramref name="count"/> tokens.</summary>
        public void Forget(int count) => _cache.Truncate(Math.Min(_cache.Length, Math.Max(0, count - _first)));

        /// <summary>Forgets all; the next text is read from a token on.</summary>
        public void Restart(int first)
        {
            _first = first;
            _cache.Clear();
        }

        public void Dispose()
        {
            _cache.Dispose();
            _step.Dispose();
        }
    }
}
