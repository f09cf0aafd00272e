namespace Engine.Pretraining.Classification;

/// <summary>How the states of a sentence's tokens become one vector; each is a weighted sum of them.</summary>
public enum Pooling
{
    /// <summary>Their mean.</summary>
    Mean,

    /// <summary>The first token's, which is [CLS] where a vocabulary has it.</summary>
    Cls,

    /// <summary>The last token's, which in a causal model has seen all others.</summary>
    Last,
}

/// <summary>B sentences of up to T tokens as tensors of a step.</summary>
/// <param name="InputIds">Tokens (B, T) int32, or (B, T, W) where a token is W numbers, such as characters.</param>
/// <param name="AttentionMask">1 for a token, 0 for padding (B, T) int32.</param>
/// <param name="Lengths">Tokens of each sentence (B) int32.</param>
/// <param name="Weights">What pooling multiplies each token's state by (B, T, 1).</param>
public readonly record struct SentenceBatch(Tensor InputIds, Tensor AttentionMask, Tensor Lengths, Tensor Weights);

/// <summary>Puts sentences of different lengths side by side, padded to the longest; its buffers are used again by the next batch.</summary>
internal sealed class SentenceBuffers(int width, int padding, Pooling pooling)
{
    private int[] _ids = [];
    private int[] _mask = [];
    private int[] _lengths = [];
    private float[] _weights = [];

    /// <summary>A batch of some of the sentences.</summary>
    /// <param name="step">The step.</param>
    /// <param name="sentences">Their tokens, <paramref name="step"/>'s width numbers each.</param>
    /// <param name="rows">Which of them.</param>
    public SentenceBatch Fill(StepScope step, IReadOnlyList<int[]> sentences, ReadOnlySpan<int> rows)
    {
        int T = 1;
        foreach (int row in rows)
        {
            T = Math.Max(T, sentences[row].Length / width);
        }

        int B = rows.Length;
        Span<int> ids = Room(ref _ids, B * T * width);
        Span<int> mask = Room(ref _mask, B * T);
        Span<int> lengths = Room(ref _lengths, B);
        Span<float> weights = Room(ref _weights, B * T);
        ids.Fill(padding);
        mask.Clear();
        weights.Clear();
        for (int b = 0; b < B; b++)
        {
            int[] tokens = sentences[rows[b]];
            int n = tokens.Length / width;
            tokens.CopyTo(ids[(b * T * width)..]);

            // A sentence without a token: attention needs one to look at, and the pooled vector is zero.
            mask.Slice(b * T, Math.Max(1, n)).Fill(1);
            lengths[b] = Math.Max(1, n);
            if (n > 0 && pooling == Pooling.Mean)
            {
                weights.Slice(b * T, n).Fill(1f / n);
            }
            else if (n > 0)
            {
                weights[(b * T) + (pooling == Pooling.Last ? n - 1 : 0)] = 1f;
            }
        }

        return new SentenceBatch(
            width == 1 ? step.From<int>(ids, [B, T]) : step.From<int>(ids, [B, T, width]),
            step.From<int>(mask, [B, T]), step.From<int>(lengths, [B]), step.From<float>(weights, [B, T, 1]));
    }

    private static Span<T> Room<T>(ref T[] buffer, int count)
    {
        if (buffer.Length < count)
        {
            buffer = new T[Math.Max(count, 2 * buffer.Length)];
        }

        return buffer.AsSpan(0, count);
    }
}
