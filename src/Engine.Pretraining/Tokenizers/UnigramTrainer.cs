using Engine.Pretraining.Logs;

namespace Engine.Pretraining.Tokenizers;

/// <summary>
/// Learns the pieces of a unigram language model (Kudo 2018, "Subword Regularization", section 3.2, as in SentencePiece's
/// unigram_model_trainer.cc): from many seeds, expectation and maximization find probabilities, and the pieces whose loss would
/// change the likelihood of the text least are dropped, a quarter at a time, until there are as many as wanted. Single
/// characters stay always.
/// </summary>
internal sealed class UnigramTrainer
{
    /// <summary>A stretch of so many units still has a probability that a double can hold.</summary>
    private const int LongestWord = 32;

    private const int MostSeeds = 1_000_000;
    private const int SubIterations = 2;
    private const double Shrinking = 0.75;

    /// <summary>Pieces that are expected to occur less often are dropped.</summary>
    private const double LeastExpected = 0.5;

    private readonly List<(string Word, long Count)> _words = [];
    private readonly double[] _ways = new double[LongestWord + 1];
    private readonly double[] _rest = new double[LongestWord + 1];
    private readonly (int Start, int Piece)[] _best = new (int, int)[LongestWord + 1];
    private readonly List<(int Start, int End, int Piece)> _edges = [];
    private string[] _pieces = [];
    private double[] _scores = [];
    private PieceTrie _trie = new([]);

    /// <param name="words">Words and their counts; all their characters become pieces.</param>
    public UnigramTrainer(IEnumerable<KeyValuePair<string, long>> words)
    {
        foreach ((string word, long count) in words.OrderBy(w => w.Key, StringComparer.Ordinal))
        {
            for (int start = 0; start < word.Length;)
            {
                int end = Math.Min(start + LongestWord, word.Length);
                end -= end < word.Length && char.IsLowSurrogate(word[end]) ? 1 : 0;
                _words.Add((word[start..end], count));
                start = end;
            }
        }
    }

    /// <summary>The pieces and their log-probabilities, the most probable first; fewer than asked for if the text has no more.</summary>
    /// <param name="size">How many, at least one for each character.</param>
    /// <param name="progress">Told how far it is; null for nobody.</param>
    public List<(string Piece, float Score)> Train(int size, IProgress<WorkDone>? progress = null)
    {
        Dictionary<string, long> characters = Characters();
        List<(string Piece, long Count)> seeds = UnigramSeeds.Find(_words, MostSeeds);
        SetCounts([.. characters.Select(c => c.Key), .. seeds.Select(s => s.Piece)], [.. characters.Select(c => (double)c.Value), .. seeds.Select(s => (double)s.Count)]);

        // A tenth more than wanted, since the last ones are chosen by probability alone.
        int wanted = Math.Max(characters.Count, (int)(1.1 * size));
        int rounds = 1 + Math.Max(0, (int)Math.Ceiling(Math.Log((double)wanted / _pieces.Length) / Math.Log(Shrinking)));
        int round = 0;
        while (true)
        {
            for (int i = 0; i < SubIterations; i++)
            {
                Maximize(Expect(), characters);
            }

            round = Math.Min(round + 1, rounds);
            progress?.Report(new WorkDone("pruning pieces", round, rounds, "rounds"));

            if (_pieces.Length <= wanted)
            {
                break;
            }

            Prune(Math.Max(wanted, (int)(Shrinking * _pieces.Length)), characters);
        }

        return
        [
            .. _pieces.Zip(_scores, (p, s) => (Piece: p, Score: s)).OrderByDescending(p => characters.ContainsKey(p.Piece)).ThenByDescending(p => p.Score).Take(size)
                .OrderByDescending(p => p.Score).ThenBy(p => p.Piece, StringComparer.Ordinal).Select(p => (p.Piece, (float)p.Score)),
        ];
    }

    private Dictionary<string, long> Characters()
    {
        SortedDictionary<string, long> all = new(StringComparer.Ordinal);
        foreach ((string word, long count) in _words)
        {
            foreach (System.Text.Rune character in word.EnumerateRunes())
            {
                all[character.ToString()] = all.GetValueOrDefault(character.ToString()) + count;
            }
        }

        return new Dictionary<string, long>(all, StringComparer.Ordinal);
    }

    private void SetCounts(string[] pieces, double[] counts)
    {
        double sum = Math.Log(counts.Sum());
        SetScores(pieces, Array.ConvertAll(counts, c => Math.Log(c) - sum));
    }

    private void SetScores(string[] pieces, double[] scores)
    {
        (_pieces, _scores) = (pieces, scores);
        _trie = new PieceTrie([.. pieces.Select((p, i) => KeyValuePair.Create(p, i))]);
    }

    /// <summary>How often each piece is expected to occur, over all ways to cut each word (forward-backward).</summary>
    private double[] Expect()
    {
        double[] expected = new double[_pieces.Length];
        double[] probabilities = Array.ConvertAll(_scores, Math.Exp);
        foreach ((string word, long count) in _words)
        {
            Array.Clear(_ways, 0, word.Length + 1);
            Array.Clear(_rest, 0, word.Length + 1);
            _edges.Clear();
            _ways[0] = 1;
            for (int start = 0; start < word.Length; start++)
            {
                int node = 0;
                for (int end = start; _ways[start] > 0 && end < word.Length && _trie.Step(ref node, word[end]);)
                {
                    end++;
                    if (_trie[node] is int piece and >= 0)
                    {
                        _ways[end] += _ways[start] * probabilities[piece];
                        _edges.Add((start, end, piece));
                    }
                }
            }

            _rest[word.Length] = count / _ways[word.Length];
            for (int i = _edges.Count - 1; i >= 0; i--)
            {
                (int start, int end, int piece) = _edges[i];
                double through = probabilities[piece] * _rest[end];
                expected[piece] += _ways[start] * through;
                _rest[start] += through;
            }
        }

        return expected;
    }

    /// <summary>Probabilities from expected counts; the digamma function makes it a Bayesian estimate that prefers fewer pieces.</summary>
    private void Maximize(double[] expected, Dictionary<string, long> characters)
    {
        int[] kept = [.. Enumerable.Range(0, expected.Length).Where(i => expected[i] >= LeastExpected || characters.ContainsKey(_pieces[i]))];
        double[] counts = Array.ConvertAll(kept, i => Math.Max(expected[i], LeastExpected));
        double sum = Digamma(counts.Sum());
        SetScores(Array.ConvertAll(kept, i => _pieces[i]), Array.ConvertAll(counts, c => Digamma(c) - sum));
    }

    /// <summary>Keeps the pieces without which the text would lose most: each would be cut into its next best pieces.</summary>
    private void Prune(int size, Dictionary<string, long> characters)
    {
        double[] uses = new double[_pieces.Length];
        foreach ((string word, long count) in _words)
        {
            foreach (int piece in Best(word, whole: true))
            {
                uses[piece] += count;
            }
        }

        double sum = uses.Sum();
        List<(int Piece, double Loss)> candidates = [];
        List<int> kept = [];
        for (int i = 0; i < _pieces.Length; i++)
        {
            if (characters.ContainsKey(_pieces[i]))
            {
                kept.Add(i);
                continue;
            }

            // A piece that is not its own best cut is never used.
            if (uses[i] == 0 || Best(_pieces[i], whole: true).Count > 1)
            {
                continue;
            }

            List<int> instead = Best(_pieces[i], whole: false);
            double alternative = instead.Sum(p => Math.Log(uses[p] + uses[i])) - (instead.Count * Math.Log(sum + (uses[i] * (instead.Count - 1))));
            candidates.Add((i, uses[i] / sum * (Math.Log(uses[i]) - Math.Log(sum) - alternative)));
        }

        kept.AddRange(candidates.OrderByDescending(c => c.Loss).ThenBy(c => c.Piece).Take(Math.Max(0, size - kept.Count)).Select(c => c.Piece));
        kept.Sort();
        SetScores([.. kept.Select(i => _pieces[i])], [.. kept.Select(i => _scores[i])]);
    }

    /// <summary>The most probable cut, with or without the piece that is all of the text.</summary>
    private List<int> Best(string text, bool whole)
    {
        Array.Fill(_ways, double.NegativeInfinity, 1, text.Length);
        _ways[0] = 0;
        for (int start = 0; start < text.Length; start++)
        {
            int node = 0;
            for (int end = start; !double.IsNegativeInfinity(_ways[start]) && end < text.Length && _trie.Step(ref node, text[end]);)
            {
                end++;
                int piece = _trie[node];
                if (piece >= 0 && (whole || end - start < text.Length) && _ways[start] + _scores[piece] > _ways[end])
                {
                    _ways[end] = _ways[start] + _scores[piece];
                    _best[end] = (start, piece);
                }
            }
        }

        List<int> pieces = [];
        for (int end = text.Length; end > 0; end = _best[end].Start)
        {
            pieces.Add(_best[end].Piece);
        }

        return pieces;
    }

    /// <summary>The derivative of log Γ, by its recurrence and asymptotic series (Abramowitz and Stegun 6.3.5, 6.3.18).</summary>
    private static double Digamma(double x)
    {
        double result = 0;
        for (; x < 7; x++)
        {
            result -= 1 / x;
        }

        double inverse = 1 / (x * x);
        return result + Math.Log(x) - (0.5 / x) - (inverse * ((1.0 / 12) - (inverse * ((1.0 / 120) - (inverse / 252)))));
    }
}
