namespace Engine.Pretraining.Models;

/// <summary>Who computes what: the k best experts of each token, and the choices ordered by expert.</summary>
/// <param name="Choices">(N·k): the experts of each token, best first; of equal scores the lower number wins.</param>
/// <param name="Tokens">(N·k): the tokens in the order of their experts, within an expert in their own order.</param>
/// <param name="Places">(N·k): where choice n·k + j stands in that order.</param>
/// <param name="Starts">(E + 1): where each expert's tokens begin.</param>
internal sealed record ExpertGroups(int[] Choices, int[] Tokens, int[] Places, int[] Starts)
{
    /// <summary>Groups N tokens by their scores (N, E).</summary>
    /// <param name="scores">The router's scores, row by row.</param>
    /// <param name="load">Gets the number of choices of each of the E experts.</param>
    /// <param name="chosen">k.</param>
    public static ExpertGroups Of(ReadOnlySpan<float> scores, Span<long> load, int chosen)
    {
        int E = load.Length;
        int N = scores.Length / E;
        int[] choices = new int[N * chosen];
        load.Clear();
        for (int n = 0; n < N; n++)
        {
            Span<int> best = choices.AsSpan(n * chosen, chosen);
            Best(scores.Slice(n * E, E), best);
            foreach (int expert in best)
            {
                load[expert]++;
            }
        }

        int[] starts = new int[E + 1];
        for (int e = 0; e < E; e++)
        {
            starts[e + 1] = starts[e] + (int)load[e];
        }

        int[] next = starts.AsSpan(0, E).ToArray();
        int[] tokens = new int[N * chosen];
        int[] places = new int[N * chosen];
        for (int i = 0; i < choices.Length; i++)
        {
            places[i] = next[choices[i]]++;
            tokens[places[i]] = i / chosen;
        }

        return new ExpertGroups(choices, tokens, places, starts);
    }

    // The places of the largest scores, by as many passes as there are places: k is 1 or 2.
    private static void Best(ReadOnlySpan<float> scores, Span<int> best)
    {
        for (int j = 0; j < best.Length; j++)
        {
            best[j] = -1;
            for (int e = 0; e < scores.Length; e++)
            {
                if (!best[..j].Contains(e) && (best[j] < 0 || scores[e] > scores[best[j]]))
                {
                    best[j] = e;
                }
            }
        }
    }
}
