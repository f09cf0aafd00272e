using Engine.Pretraining.Tokenizers;

namespace Engine.Pretraining.Objectives.Masking;

/// <summary>
/// Chooses tokens of a sequence and hides them: 80 % become the mask token, 10 % a random one, 10 % stay (Devlin et al. 2019, section
/// 3.1). What it does is a function of the sequence and the random stream. Special tokens are never chosen and never put in.
/// <para>
/// Spans are placed one by one, each with equal chances at all places where it fits: not over special tokens or other spans, and, with
/// <see cref="MaskingOptions.WholeSpans"/>, not beside another. A span that fits nowhere, or is longer than what may still be chosen,
/// becomes shorter. So exactly max(1, round(share·n)) tokens are chosen, up to the cap; with whole words at most so many.
/// </para>
/// </summary>
public sealed class TokenMasker
{
    private readonly MaskingOptions _options;
    private readonly int _mask;
    private readonly bool[] _special;
    private readonly bool[]? _continues;
    private readonly int[] _ordinary;
    private readonly int[] _starts;
    private readonly int[] _ends;
    private readonly bool[] _taken;
    private readonly int[] _spanEnd;
    private int _units;

    /// <summary>A masker for sequences up to a length.</summary>
    /// <param name="tokenizer">Whose vocabulary it is; must have a mask token.</param>
    /// <param name="options">What is chosen.</param>
    /// <param name="maxLength">The longest sequence.</param>
    /// <param name="objective">Who asks, for messages.</param>
    /// <exception cref="EngineException">The vocabulary has no mask token, or nothing but special tokens, or does not know words.</exception>
    public TokenMasker(ITokenizer tokenizer, MaskingOptions options, int maxLength, string objective)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        _options = options;
        _mask = SpecialTokens.Require(tokenizer, s => s.Mask, "mask", objective);
        _special = [.. Enumerable.Range(0, tokenizer.VocabSize).Select(tokenizer.SpecialTokens.Contains)];
        _ordinary = [.. Enumerable.Range(0, tokenizer.VocabSize).Where(id => !_special[id])];
        if (_ordinary.Length == 0)
        {
            throw new EngineException($"objective {objective}: the vocabulary of tokenizer {tokenizer.Kind} has only special tokens, so there is nothing to predict.");
        }

        _continues = options.WholeWords ? Continuations(tokenizer, objective) : null;
        (_starts, _ends) = (new int[maxLength], new int[maxLength]);
        (_taken, _spanEnd) = (new bool[maxLength], new int[maxLength]);
    }

    /// <summary>Chooses tokens of <paramref name="ids"/> and replaces them there.</summary>
    /// <param name="ids">One sequence, special tokens included, without padding.</param>
    /// <param name="random">Where all choices come from.</param>
    /// <param name="chosen">Gets places and former tokens; holds at least <see cref="MaskingOptions.MaxPredictions"/>.</param>
    public void Mask(Span<int> ids, RandomStream random, MaskedTokens chosen)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentNullException.ThrowIfNull(chosen);
        int n = FindUnits(ids);
        int left = n == 0 ? 0 : Math.Min(_options.MaxPredictions, Math.Max(1, (int)Math.Round(_options.Probability * n)));
        _taken.AsSpan(0, _units).Clear();
        _spanEnd.AsSpan(0, ids.Length).Clear();
        while (left > 0)
        {
            int length = Math.Min(_options.Spans.Draw(random), left);
            int first = -1;
            while (length > 0 && (first = Place(length, left, random)) < 0)
            {
                length--;
            }

            if (first < 0)
            {
                break;
            }

            _taken.AsSpan(first, length).Fill(true);
            _spanEnd[_starts[first]] = _ends[first + length - 1];
            left -= _ends[first + length - 1] - _starts[first];
        }

        Replace(ids, random, chosen);
    }

    // Words, or tokens, that may be chosen: unit u is the tokens _starts[u] … _ends[u] − 1. Returns the number of tokens.
    private int FindUnits(ReadOnlySpan<int> ids)
    {
        int tokens = 0;
        _units = 0;
        for (int t = 0; t < ids.Length; t++)
        {
            if (_special[ids[t]])
            {
                continue;
            }

            tokens++;
            if (_continues is not null && _continues[ids[t]] && _units > 0 && _ends[_units - 1] == t)
            {
                _ends[_units - 1] = t + 1;
                continue;
            }

            (_starts[_units], _ends[_units]) = (t, t + 1);
            _units++;
        }

        return tokens;
    }

    // The first unit of a free place for a span of so many units and at most so many tokens; −1 if there is none.
    private int Place(int length, int tokens, RandomStream random)
    {
        int places = 0;
        for (int u = 0; u + length <= _units; u++)
        {
            places += Fits(u, length, tokens) ? 1 : 0;
        }

        if (places == 0)
        {
            return -1;
        }

        long choice = random.NextInt(places);
        int first = -1;
        do
        {
            first++;
            choice -= Fits(first, length, tokens) ? 1 : 0;
        }
        while (choice >= 0);
        return first;
    }

    private bool Fits(int first, int length, int tokens)
    {
        int last = first + length - 1;
        if (_taken[first] || _ends[last] - _starts[first] > tokens || (_options.WholeSpans && (TouchesTaken(first - 1) || TouchesTaken(last))))
        {
            return false;
        }

        for (int u = first; u < last; u++)
        {
            if (_taken[u + 1] || _ends[u] != _starts[u + 1])
            {
                return false;
            }
        }

        return true;
    }

    // Whether units u and u + 1 stand side by side and one of them is taken.
    private bool TouchesTaken(int u) => u >= 0 && u + 1 < _units && _ends[u] == _starts[u + 1] && (_taken[u] || _taken[u + 1]);

    private void Replace(Span<int> ids, RandomStream random, MaskedTokens chosen)
    {
        chosen.Clear();
        for (int start = 0; start < ids.Length; start++)
        {
            double fate = 0;
            for (int t = start; t < _spanEnd[start]; t++)
            {
                fate = _options.WholeSpans && t > start ? fate : random.NextUniform();
                chosen.Add(t, ids[t], start, _spanEnd[start]);
                ids[t] = fate < _options.MaskShare ? _mask
                    : fate < _options.MaskShare + _options.RandomShare ? _ordinary[random.NextInt(_ordinary.Length)]
                    : ids[t];
            }
        }
    }

    private static bool[] Continuations(ITokenizer tokenizer, string objective) => tokenizer is IWordPieces pieces
        ? [.. Enumerable.Range(0, tokenizer.VocabSize).Select(pieces.ContinuesWord)]
        : throw new EngineException(
            $"objective {objective}: whole_word_masking needs a vocabulary that says which tokens continue a word, and tokenizer {tokenizer.Kind} does not; take tokenizer = wordpiece or turn it off.");
}
