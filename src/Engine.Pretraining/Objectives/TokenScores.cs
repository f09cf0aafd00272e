namespace Engine.Pretraining.Objectives;

/// <summary>Right answers among those that count, added up over an evaluation; label −100 does not count.</summary>
internal struct TokenScores
{
    private long _right;
    private long _all;
    private double _loss;
    private int _batches;

    /// <summary>The share of right answers.</summary>
    public readonly double Accuracy => (double)_right / _all;

    /// <summary>The mean of the batches' losses.</summary>
    public readonly double Loss => _loss / _batches;

    /// <summary>Counts a batch.</summary>
    /// <param name="logits">(N, classes).</param>
    /// <param name="labels">(N).</param>
    /// <param name="loss">Its mean loss.</param>
    public void Add(Tensor logits, ReadOnlySpan<int> labels, Tensor loss)
    {
        int[] best = new int[labels.Length];
        logits.To(DType.Float32).ArgMax(-1).CopyTo<int>(best);
        for (int i = 0; i < best.Length; i++)
        {
            Add(best[i] == labels[i], labels[i]);
        }

        _loss += loss.Item();
        _batches++;
    }

    /// <summary>Counts one answer.</summary>
    public void Add(bool right, int label)
    {
        _right += right && label != EncoderBatches.Ignored ? 1 : 0;
        _all += label != EncoderBatches.Ignored ? 1 : 0;
    }
}
