using Engine.Nn;

namespace Engine.Pretraining.Models;

/// <summary>
/// A model that reads one sequence and writes another (Sutskever et al. 2014; Vaswani et al. 2017): an encoder sees the whole
/// source, a decoder predicts each target token from the source and the target before it.
/// </summary>
public abstract class EncoderDecoder : Module
{
    /// <summary>A model on a device.</summary>
    protected EncoderDecoder(Device device)
        : base(device)
    {
    }

    /// <summary>ε of the training targets, (1 − ε)·onehot + ε/V (Szegedy et al. 2016); 0 if a model has none.</summary>
    protected virtual float LabelSmoothing => 0f;

    /// <summary>The table (V, C) that the decoder's hidden states are multiplied with.</summary>
    protected abstract Parameter Head { get; }

    /// <summary>The source's hidden states: input_ids (B, S) → (B, S, C).</summary>
    /// <param name="inputIds">Source tokens, int32.</param>
    /// <param name="attentionMask">1 for a token, 0 for padding (B, S) int32; undefined if there is no padding.</param>
    public abstract Tensor Encode(Tensor inputIds, Tensor attentionMask = default);

    /// <summary>The target's hidden states as <see cref="Head"/> takes them: decoder_input_ids (B, T) → (B, T, C).</summary>
    /// <param name="decoderInputIds">Target tokens, shifted right by a start token; padding may only follow them.</param>
    /// <param name="encoded">What <see cref="Encode"/> gave, (B, S, C).</param>
    /// <param name="attentionMask">The source's, as for <see cref="Encode"/>.</param>
    /// <param name="cache">If given, the tokens follow those that it holds, and join them; in a step that does not record.</param>
    public abstract Tensor Decode(Tensor decoderInputIds, Tensor encoded, Tensor attentionMask = default, DecoderCache? cache = null);

    /// <summary>An empty cache for one source, for inference with the weights as they are stored now.</summary>
    /// <param name="batch">Targets side by side, B.</param>
    /// <param name="tokens">The most tokens of a target, the start token included.</param>
    public abstract DecoderCache NewCache(int batch, int tokens);

    /// <summary>Scores of the next target token, (B, T, V).</summary>
    public Tensor Logits(Tensor inputIds, Tensor decoderInputIds, Tensor attentionMask = default) =>
        Decode(decoderInputIds, Encode(inputIds, attentionMask), attentionMask).Linear(Head);

    /// <summary>Scores of the token that follows the last one: decoder_input_ids (B, T), encoded (B, S, C) → (B, V).</summary>
    public Tensor NextTokenLogits(Tensor decoderInputIds, Tensor encoded, Tensor attentionMask = default, DecoderCache? cache = null)
    {
        int T = decoderInputIds.Shape[1];
        return Decode(decoderInputIds, encoded, attentionMask, cache).Slice(1, T - 1, T).Squeeze(1).Linear(Head);
    }

    /// <summary>
    /// Mean cross-entropy of the target with teacher forcing. decoder_input_ids and labels (B, T); labels[b, t] follows
    /// decoder_input_ids[b, t] and −100 does not count. Without label smoothing the (B·T, V) logits are never stored.
    /// </summary>
    public Tensor Loss(Tensor inputIds, Tensor decoderInputIds, Tensor labels, Tensor attentionMask = default)
    {
        Tensor hidden = Decode(decoderInputIds, Encode(inputIds, attentionMask), attentionMask);
        return LabelSmoothing > 0
            ? hidden.Linear(Head).CrossEntropy(labels, labelSmoothing: LabelSmoothing)
            : hidden.LinearCrossEntropy(Head, labels);
    }

    /// <summary>A decoder's input for rows of labels: one place to the right, behind the start token.</summary>
    /// <param name="labels">(B, T) row-major.</param>
    /// <param name="T">Length of a row.</param>
    /// <param name="start">decoder_start_token_id.</param>
    /// <param name="pad">What −100 becomes.</param>
    /// <param name="decoderInputIds">(B, T).</param>
    public static void ShiftRight(ReadOnlySpan<int> labels, int T, int start, int pad, Span<int> decoderInputIds)
    {
        for (int i = 0; i < labels.Length; i++)
        {
            decoderInputIds[i] = i % T == 0 ? start : labels[i - 1] >= 0 ? labels[i - 1] : pad;
        }
    }
}
