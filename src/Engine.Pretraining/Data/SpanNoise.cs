namespace Engine.Pretraining.Data;

/// <summary>
/// T5's span corruption (Raffel et al. 2020, figure 2) as pure functions: which tokens go, what the model reads and what it must
/// write, and back. The text <c>Thank you for inviting me to your party last week</c> becomes
/// <c>Thank you &lt;0&gt; me to your party &lt;1&gt; week</c> with the target <c>&lt;0&gt; for inviting &lt;1&gt; last &lt;2&gt;</c>.
/// </summary>
public static class SpanNoise
{
    /// <summary>Draws the spans (random_spans_noise_mask): kept and taken runs alternate, kept first, each a uniformly random partition of its tokens.</summary>
    /// <param name="lengths">How many tokens and spans.</param>
    /// <param name="random">Where the numbers come from; fewer than 2·Tokens are drawn.</param>
    /// <param name="noise">One for each token: whether it is taken out.</param>
    public static void Mask(in SpanLengths lengths, RandomStream random, Span<bool> noise)
    {
        ArgumentNullException.ThrowIfNull(random);
        Partition kept = new(lengths.Tokens - lengths.NoiseTokens, lengths.Spans);
        Partition taken = new(lengths.NoiseTokens, lengths.Spans);
        int at = 0;
        for (int span = 0; span < lengths.Spans; span++)
        {
            int keep = kept.Next(random);
            noise.Slice(at, keep).Clear();
            at += keep;
            int take = taken.Next(random);
            noise.Slice(at, take).Fill(true);
            at += take;
        }
    }

    /// <summary>Replaces each span by a sentinel and lists the spans, each behind its sentinel, as the target; both end with the end token.</summary>
    /// <param name="tokens">The text.</param>
    /// <param name="noise">Which tokens are taken out.</param>
    /// <param name="sentinels">In the order of their use.</param>
    /// <param name="eos">The end token.</param>
    /// <param name="inputs">Room for the corrupted text.</param>
    /// <param name="targets">Room for the target.</param>
    /// <param name="closing">
    /// Whether one more sentinel always closes the target, as in the paper's figure. T5's code has it only where the text ends with a
    /// kept token, and so does this without it.
    /// </param>
    /// <returns>The lengths written.</returns>
    /// <exception cref="EngineException">There are more spans than sentinels.</exception>
    public static (int Inputs, int Targets) Corrupt(
        ReadOnlySpan<int> tokens, ReadOnlySpan<bool> noise, ReadOnlySpan<int> sentinels, int eos, Span<int> inputs, Span<int> targets, bool closing = false)
    {
        int i = 0;
        int t = 0;
        int span = 0;
        for (int k = 0; k < tokens.Length; k++)
        {
            if (!noise[k])
            {
                inputs[i++] = tokens[k];
                continue;
            }

            if (k == 0 || !noise[k - 1])
            {
                int sentinel = Sentinel(sentinels, span++);
                inputs[i++] = sentinel;
                targets[t++] = sentinel;
            }

            targets[t++] = tokens[k];
        }

        if (closing || tokens.IsEmpty || !noise[^1])
        {
            targets[t++] = Sentinel(sentinels, span);
        }

        inputs[i++] = eos;
        targets[t++] = eos;
        return (i, t);
    }

    /// <summary>The text of a corrupted text and a target, or of what a model wrote for one: a sentinel it left out stands for nothing.</summary>
    /// <param name="inputs">The corrupted text, up to its end token.</param>
    /// <param name="targets">The target, up to its end token.</param>
    /// <param name="sentinels">All sentinels.</param>
    /// <param name="eos">The end token.</param>
    public static int[] Restore(ReadOnlySpan<int> inputs, ReadOnlySpan<int> targets, ReadOnlySpan<int> sentinels, int eos)
    {
        inputs = UpTo(inputs, eos);
        targets = UpTo(targets, eos);
        List<int> text = [];
        foreach (int token in inputs)
        {
            if (!sentinels.Contains(token))
            {
                text.Add(token);
                continue;
            }

            for (int k = targets.IndexOf(token) + 1; k > 0 && k < targets.Length && !sentinels.Contains(targets[k]); k++)
            {
                text.Add(targets[k]);
            }
        }

        return [.. text];
    }

    private static ReadOnlySpan<int> UpTo(ReadOnlySpan<int> tokens, int eos) => tokens.IndexOf(eos) is >= 0 and int end ? tokens[..end] : tokens;

    private static int Sentinel(ReadOnlySpan<int> sentinels, int span) => span < sentinels.Length
        ? sentinels[span]
        : throw new EngineException($"span corruption: the text has more spans than the vocabulary's {sentinels.Length} sentinels.");

    /// <summary>
    /// Items cut into a number of segments of at least one, every way equally likely: of the places between items, segments − 1 are drawn
    /// one after the other (selection sampling: Knuth, "Seminumerical algorithms", 3.4.2 S), where T5 shuffles a list of marks.
    /// </summary>
    private struct Partition(int items, int segments)
    {
        private int _items = items;
        private int _breaks = segments - 1;

        public int Next(RandomStream random)
        {
            int length = 1;
            _items--;
            while (_items > 0 && random.NextInt(_items) >= _breaks)
            {
                length++;
                _items--;
            }

            _breaks--;
            return length;
        }
    }
}
