namespace Engine.Pretraining.Data;

/// <summary>One sequence that was written into a buffer.</summary>
/// <param name="Length">Its tokens, special ones included.</param>
/// <param name="PairLabel">For pairs of segments 0 if they are as the text has them, 1 if not; otherwise 0.</param>
public readonly record struct EncodedSequence(int Length, int PairLabel);

/// <summary>The sequences that an encoder can be given, special tokens included, cut from documents.</summary>
public interface ISequences
{
    /// <summary>How many there are.</summary>
    int Count { get; }

    /// <summary>Writes one sequence; a function of its arguments. Allocates nothing.</summary>
    /// <param name="index">Which, 0 … <see cref="Count"/> − 1.</param>
    /// <param name="random">Where choices come from, for sequences that have any.</param>
    /// <param name="ids">Room for the longest sequence; gets its tokens.</param>
    /// <param name="types">Likewise; gets the segment of each token, 0 or 1.</param>
    EncodedSequence Fill(int index, RandomStream random, Span<int> ids, Span<int> types);
}
