namespace Engine.Pretraining.Models;

/// <summary>Who computes what: the k best experts of each token, and the choices ordered by expert. Reused from pass to pass.</summary>
/// <param name="experts">E.</param>
/// <param name="chosen">k.</param>
internal sealed class ExpertGroups(int experts, int chosen)
{
    private readonly int[] _next = new int[experts];
    private readonly int[] _starts = new int[experts + 1];
    private int[] _choices = [];
    private int[] _tokens = [];
    private int[] _places = [];

    /// <summary>(N·k): the experts of each token, best first; of equal scores the lower number wins.</summary>
    public ReadOnlySpan<int> Choices => _choices;

    /// <summary>(N·k): the tokens in the order of their experts, within an expert in their own order.</summary>
    public ReadOnlySpan<int> Tokens => _tokens;

    /// <summary>(N·k): where choice n·k + j stands in that order.</summary>
    public ReadOnlySpan<int> Places => _places;

    /// <summary>(E + 1): where each expert's tokens begin.</summary>
    public ReadOnlySpan<int> Starts => _starts;

    /// <summary>The number of choices of an expert.</summary>
    public int LoadOf(int expert) => _starts[expert + 1] - _starts[expert];

    /// <summary>Groups N tokens by the router's scores (N, E), row by row.</summary>
    public void Group(ReadOnlySpan<float> scores)
    {
        int N = scores.Length / experts;
        if (_choices.Length != N * chosen)
        {
            (_choices, _tokens, _places) = (new int[N * chosen], new int[N * chosen], new int[N * chosen]);
        }

        Array.Clear(_starts);
        for (int n = 0; n < N; n++)
        {
            Span<int> best = _choices.AsSpan(n * chosen, chosen);
            Best(scores.Slice(n * experts, experts), best);
            foreach (int expert in best)
            {
                _starts[expert + 1]++;
            }
        }

        for (int e = 0; e < experts; e++)
        {
            _starts[e + 1] += _starts[e];
            _next[e] = _starts[e];
        }

        for (int i = 0; i < _choices.Length; i++)
        {
            _places[i] = _next[_choices[i]]++;
            _tokens[_places[i]] = i / chosen;
        }
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
