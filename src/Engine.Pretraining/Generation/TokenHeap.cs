namespace Engine.Pretraining.Generation;

/// <summary>
/// Tokens from the greatest weight down, put in order only as far as asked for: a heap (Williams 1964) of V tokens is built in O(V), and
/// each token taken costs O(log V). Equal weights come in the order of their tokens.
/// </summary>
internal sealed class TokenHeap
{
    private double[] _weights = [];

    // The heap from the front, and behind it, from the end, what was taken.
    private int[] _tokens = [];
    private int _count;

    /// <summary>Starts anew with tokens 0 … V − 1.</summary>
    public void Fill(double[] weights)
    {
        _weights = weights;
        _count = weights.Length;
        if (_tokens.Length != _count)
        {
            _tokens = new int[_count];
        }

        for (int i = 0; i < _count; i++)
        {
            _tokens[i] = i;
        }

        for (int i = (_count / 2) - 1; i >= 0; i--)
        {
            Sink(i);
        }
    }

    /// <summary>The token of rank <paramref name="rank"/>, from 0.</summary>
    public int Take(int rank)
    {
        while (_tokens.Length - _count <= rank)
        {
            _count--;
            (_tokens[0], _tokens[_count]) = (_tokens[_count], _tokens[0]);
            Sink(0);
        }

        return _tokens[_tokens.Length - 1 - rank];
    }

    private void Sink(int at)
    {
        while (true)
        {
            int greatest = at;
            for (int child = (2 * at) + 1; child <= (2 * at) + 2 && child < _count; child++)
            {
                greatest = IsBefore(_tokens[child], _tokens[greatest]) ? child : greatest;
            }

            if (greatest == at)
            {
                return;
            }

            (_tokens[at], _tokens[greatest]) = (_tokens[greatest], _tokens[at]);
            at = greatest;
        }
    }

    private bool IsBefore(int a, int b) => _weights[a] != _weights[b] ? _weights[a] > _weights[b] : a < b;
}
