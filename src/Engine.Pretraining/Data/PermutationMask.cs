namespace Engine.Pretraining.Data;

/// <summary>
/// XLNet's factorisation orders as masks (Yang et al. 2019, section 2; data_utils.py of the original). Context tokens come first and are seen by all;
/// targets follow in a random order and see the context and the targets before them.
/// </summary>
internal static class PermutationMask
{
    /// <summary>Added to the score of what must not be seen.</summary>
    public const float Hidden = -1e9f;

    private const int LongestSpan = 5;

    /// <summary>
    /// Chooses what is predicted: spans of n = 1 to 5 tokens with probability ∝ 1/n, each in a stretch of K·n tokens, so that about one
    /// token in K is chosen; then single ones until there are as many as asked for.
    /// </summary>
    /// <param name="count">How many targets; fewer than tokens.</param>
    /// <param name="K">Tokens for each target; 6 in the paper.</param>
    /// <param name="random">Where the numbers come from.</param>
    /// <param name="targets">One for each token: whether it is predicted.</param>
    public static void Targets(int count, int K, RandomStream random, Span<bool> targets)
    {
        ArgumentNullException.ThrowIfNull(random);
        targets.Clear();
        int left = count;
        int at = 0;
        while (left > 0)
        {
            int n = Math.Min(SpanLength(random.NextUniform()), left);
            int before = (int)random.NextInt(n * K);
            int start = at + before;
            if (start + n > targets.Length)
            {
                break;
            }

            // The stretch around the span is context: K·n tokens of it, split at random.
            targets.Slice(start, n).Fill(true);
            left -= n;
            at = start + n + (n * K) - before;
        }

        while (left > 0)
        {
            int i = (int)random.NextInt(targets.Length);
            left -= targets[i] ? 0 : 1;
            targets[i] = true;
        }
    }

    /// <summary>Writes the masks of a factorisation order, rows of <paramref name="stride"/> numbers of which the last T are written.</summary>
    /// <param name="targets">T: whether a token is predicted.</param>
    /// <param name="order">T: the place of each token in the order; only those of targets count.</param>
    /// <param name="query">What predicts token i: it sees context, and targets of earlier places.</param>
    /// <param name="content">What has read token i: it sees the same and, always, itself.</param>
    /// <param name="stride">Keys of a row: memory and text.</param>
    public static void Fill(ReadOnlySpan<bool> targets, ReadOnlySpan<int> order, Span<float> query, Span<float> content, int stride)
    {
        int T = targets.Length;
        for (int i = 0; i < T; i++)
        {
            Span<float> g = query.Slice((i * stride) + stride - T, T);
            Span<float> h = content.Slice((i * stride) + stride - T, T);
            for (int j = 0; j < T; j++)
            {
                bool sees = !targets[j] || (targets[i] && order[i] > order[j]);
                g[j] = sees ? 0f : Hidden;
                h[j] = sees || i == j ? 0f : Hidden;
            }
        }
    }

    // 1/n of 1 + 1/2 + … + 1/5 = 137/60.
    private static int SpanLength(float uniform)
    {
        double left = uniform * 137.0 / 60.0;
        int n = 1;
        while (n < LongestSpan && left >= 1.0 / n)
        {
            left -= 1.0 / n;
            n++;
        }

        return n;
    }
}
