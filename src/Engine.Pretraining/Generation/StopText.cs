using System.Text;

namespace Engine.Pretraining.Generation;

/// <summary>
/// Text that comes in pieces, up to the stop string that is complete first. What may be the beginning of one waits until it is clear.
/// </summary>
public sealed class StopText
{
    private readonly IReadOnlyList<string> _stop;
    private readonly StringBuilder _waiting = new();

    /// <param name="stop">Strings before which the text ends.</param>
    public StopText(IReadOnlyList<string> stop) => _stop = stop;

    /// <summary>Whether a stop string has come.</summary>
    public bool Ended { get; private set; }

    /// <summary>Takes a piece and gives what may be shown.</summary>
    public string Push(string piece)
    {
        if (Ended)
        {
            return string.Empty;
        }

        if (_stop.Count == 0)
        {
            return piece;
        }

        string text = _waiting.Append(piece).ToString();
        (int End, int Start) first = (int.MaxValue, 0);
        foreach (string stop in _stop)
        {
            int at = text.IndexOf(stop, StringComparison.Ordinal);
            if (at >= 0 && (at + stop.Length, at).CompareTo(first) < 0)
            {
                first = (at + stop.Length, at);
            }
        }

        Ended = first.End < int.MaxValue;
        int shown = Ended ? first.Start : text.Length - _stop.Max(s => Overlap(text, s));
        _waiting.Clear().Append(Ended ? string.Empty : text[shown..]);
        return text[..shown];
    }

    /// <summary>What still waits when no more text comes.</summary>
    public string Flush()
    {
        string text = Ended ? string.Empty : _waiting.ToString();
        _waiting.Clear();
        return text;
    }

    // The longest end of the text that a stop string begins with.
    private static int Overlap(string text, string stop)
    {
        for (int n = Math.Min(text.Length, stop.Length - 1); n > 0; n--)
        {
            if (text.AsSpan(text.Length - n).SequenceEqual(stop.AsSpan(0, n)))
            {
                return n;
            }
        }

        return 0;
    }
}
