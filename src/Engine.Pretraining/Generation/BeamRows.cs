using Engine.Nn;

namespace Engine.Pretraining.Generation;

/// <summary>
/// The rows of a cache that a beam search's beginnings live in. One that goes on in one way stays in its row. One that goes on in
/// several ways is copied to rows whose beginnings were given up, and of it only the tokens in which the two differ: most often the last few.
/// </summary>
/// <param name="cache">With a row a beam.</param>
/// <param name="beams">Rows.</param>
/// <param name="first">Tokens before the first that the search adds, the same in all rows.</param>
/// <param name="root">The empty beginning.</param>
internal sealed class BeamRows(KeyValueCache cache, int beams, int first, Beam root)
{
    // The beginning that each row holds, and the row of each open one.
    private readonly Beam?[] _rows = [root, .. new Beam?[beams - 1]];
    private readonly int[] _places = new int[beams];
    private readonly int[] _ids = new int[beams];
    private float[] _ordered = [];

    /// <summary>Gives each open beginning a row that holds all but its last token. Those tokens, row by row; rows without a beginning read one that nobody looks at.</summary>
    public ReadOnlySpan<int> Place(StepScope step, IReadOnlyList<Beam> open)
    {
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
                cache.CopyRow(step, cache, Array.IndexOf(before, parent), row, first + same, first + parent.Length);
                (_rows[row], _places[i]) = (open[i], row);
            }

            _ids[_places[i]] = open[i].Token;
        }

        return _ids;
    }

    /// <summary>Scores of all rows as scores of the open beginnings, in their order.</summary>
    public ReadOnlySpan<float> Ordered(ReadOnlySpan<float> scores, int open)
    {
        int V = scores.Length / beams;
        _ordered = _ordered.Length == scores.Length ? _ordered : new float[scores.Length];
        for (int i = 0; i < open; i++)
        {
            scores.Slice(_places[i] * V, V).CopyTo(_ordered.AsSpan(i * V));
        }

        return _ordered.AsSpan(0, open * V);
    }
}
