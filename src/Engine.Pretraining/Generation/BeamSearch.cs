namespace Engine.Pretraining.Generation;

/// <summary>A beginning of a text: one token behind another beginning. Those of a search share what they have in common.</summary>
internal sealed class Beam(Beam? parent, int token, double logP)
{
    /// <summary>All but the last token; null if this is the empty beginning.</summary>
    public Beam? Parent { get; } = parent;

    /// <summary>The last token.</summary>
    public int Token { get; } = token;

    /// <summary>The sum of the tokens' log p.</summary>
    public double LogP { get; } = logP;

    /// <summary>Tokens.</summary>
    public int Length { get; } = parent is null ? 0 : parent.Length + 1;

    /// <summary>Writes the tokens to the first <see cref="Length"/> places.</summary>
    public void CopyTo(Span<int> tokens)
    {
        for (Beam b = this; b.Parent is { } before; b = before)
        {
            tokens[before.Length] = b.Token;
        }
    }

    /// <summary>How many tokens two beginnings of one length have in common.</summary>
    public static int CommonLength(Beam a, Beam b)
    {
        while (a != b)
        {
            (a, b) = (a.Parent!, b.Parent!);
        }

        return a.Length;
    }
}

/// <summary>A text that a beam search has found.</summary>
/// <param name="Tokens">Its tokens, without the end token.</param>
/// <param name="LogP">The sum of their log p, the end token's with them.</param>
/// <param name="Score">What it was ranked by.</param>
public readonly record struct BeamText(int[] Tokens, double LogP, double Score);

/// <summary>
/// The bookkeeping of a beam search, whatever model gives the scores: which beginnings go on, which texts have ended, and when it is
/// settled. Of all continuations by one token the best (1 + end tokens) × beams are looked at: those among the first
/// <c>beams</c> that end are texts, and the first <c>beams</c> that do not end go on.
/// </summary>
/// <param name="options">Beams, returned texts and when to stop.</param>
/// <param name="end">Tokens that end a text.</param>
/// <param name="maxLength">The most tokens of a text, an end token included; at least 1.</param>
/// <param name="penalty">What log p of a text of so many tokens is divided by; rises or falls with the length.</param>
internal sealed class BeamSearch(BeamOptions options, IReadOnlySet<int> end, int maxLength, Func<int, double> penalty)
{
    private readonly TokenHeap _heap = new();
    private readonly List<Beam> _ended = [];
    private double[] _weights = [];

    /// <summary>Beginnings of one length that go on, the best first.</summary>
    public IReadOnlyList<Beam> Open { get; private set; } = [new Beam(null, -1, 0)];

    /// <summary>Whether the texts wanted are found.</summary>
    public bool Done => Open.Count == 0 || (_ended.Count >= options.Beams && (options.EarlyStopping || Attainable <= Score(_ended[options.Returns - 1])));

    // log p only falls, so the most an open one can reach is its present log p at the length that is best for it.
    private double Attainable => Math.Max(Open[0].LogP / penalty(Open[0].Length + 1), Open[0].LogP / penalty(maxLength));

    /// <summary>Continues each open beginning by one token.</summary>
    /// <param name="logits">Scores of the next token, a row of V for each open beginning.</param>
    /// <exception cref="EngineException">A score is not a number.</exception>
    public void Step(ReadOnlySpan<float> logits)
    {
        int V = logits.Length / Open.Count;
        _weights = _weights.Length == logits.Length ? _weights : new double[logits.Length];
        for (int row = 0; row < Open.Count; row++)
        {
            AddLogSoftmax(logits.Slice(row * V, V), Open[row].LogP, _weights.AsSpan(row * V, V));
        }

        _heap.Fill(_weights);
        List<Beam> next = [];
        int length = Open[0].Length + 1;
        long candidates = Math.Min(logits.Length, (long)options.Beams * Math.Max(2, 1 + end.Count));
        for (int rank = 0; rank < candidates && next.Count < options.Beams; rank++)
        {
            int at = _heap.Take(rank);
            if (double.IsNegativeInfinity(_weights[at]))
            {
                break;
            }

            Beam beam = new(Open[at / V], at % V, _weights[at]);
            if (!end.Contains(beam.Token))
            {
                next.Add(beam);
            }
            else if (rank < options.Beams)
            {
                AddEnded(beam);
            }
        }

        if (length == maxLength)
        {
            next.ForEach(AddEnded);
            next.Clear();
        }

        Open = next;
    }

    /// <summary>The texts, the best first; before <see cref="Done"/> open ones are among them.</summary>
    public IReadOnlyList<BeamText> Best()
    {
        if (!Done)
        {
            foreach (Beam beam in Open)
            {
                AddEnded(beam);
            }
        }

        return [.. _ended.Take(options.Returns).Select(beam =>
        {
            int[] tokens = new int[beam.Length];
            beam.CopyTo(tokens);
            return new BeamText(end.Contains(beam.Token) ? tokens[..^1] : tokens, beam.LogP, Score(beam));
        })];
    }

    // In double: the order of a row's scores is kept, also where they are close.
    private static void AddLogSoftmax(ReadOnlySpan<float> scores, double logP, Span<double> sums)
    {
        double max = double.NegativeInfinity;
        foreach (float score in scores)
        {
            max = Math.Max(max, score);
        }

        double total = 0;
        foreach (float score in scores)
        {
            total += Math.Exp(score - max);
        }

        if (!double.IsFinite(total))
        {
            throw new EngineException("generate: the model's scores are not finite; the checkpoint may come from a diverged run.");
        }

        double shift = logP - max - Math.Log(total);
        for (int i = 0; i < scores.Length; i++)
        {
            sums[i] = scores[i] + shift;
        }
    }

    private double Score(Beam beam) => beam.LogP / penalty(Math.Max(1, beam.Length));

    // As many as beams are kept, the best first; of equal ones the earlier.
    private void AddEnded(Beam beam)
    {
        double score = Score(beam);
        int at = _ended.FindIndex(e => Score(e) < score);
        _ended.Insert(at < 0 ? _ended.Count : at, beam);
        if (_ended.Count > options.Beams)
        {
            _ended.RemoveAt(options.Beams);
        }
    }
}
