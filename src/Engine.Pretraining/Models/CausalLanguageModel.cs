using Engine.Nn;
using Engine.Pretraining.Objectives;

namespace Engine.Pretraining.Models;

/// <summary>
/// A model that predicts each token from those before it: what the objective <c>clm</c> trains and what writes text. A model
/// says how it gets its hidden states and which table scores the tokens; scores and loss are the same for all.
/// </summary>
public abstract class CausalLanguageModel : Module
{
    /// <summary>A model on a device.</summary>
    protected CausalLanguageModel(Device device)
        : base(device)
    {
    }

    /// <summary>The longest sequence that it reads.</summary>
    public abstract int ContextLength { get; }

    /// <summary>V.</summary>
    public abstract int VocabSize { get; }

    /// <summary>The table (V, C) that hidden states are multiplied with.</summary>
    protected abstract Parameter Head { get; }

    /// <summary>An empty cache of <see cref="ContextLength"/> tokens, for inference with the weights as they are stored now.</summary>
    /// <param name="batch">Sequences side by side.</param>
    public abstract KeyValueCache NewCache(int batch = 1);

    /// <summary>An empty pool for sequences of unequal length, for inference with the weights as they are stored now.</summary>
    /// <param name="tokens">Tokens that fit, of all sequences together.</param>
    public abstract KeyValuePool NewPool(int tokens);

    /// <summary>The final hidden states: input_ids (B, T) int32 → (B, T, C).</summary>
    /// <param name="inputIds">The tokens.</param>
    /// <param name="cache">If given, the tokens follow those that it holds, and join them; in a step that does not record.</param>
    /// <exception cref="EngineException">There are more tokens than <see cref="ContextLength"/>.</exception>
    public abstract Tensor Hidden(Tensor inputIds, KeyValueStore? cache = null);

    /// <summary>Figures of the passes outside of training since the last call, for example how evenly experts are used; none by default.</summary>
    public virtual IReadOnlyList<EvaluationFigure> TakeFigures() => [];

    /// <summary>Scores of the next token: input_ids (B, T) → (B, T, V).</summary>
    public Tensor Logits(Tensor inputIds) => TokenLogits(Hidden(inputIds));

    /// <summary>Scores of all tokens for each hidden state: (…, C) → (…, V).</summary>
    public Tensor TokenLogits(Tensor hidden) => hidden.Linear(Head);

    /// <summary>Scores of the token after the last one: input_ids (B, T) → (B, V). The cheap form for generation.</summary>
    /// <param name="inputIds">The tokens.</param>
    /// <param name="cache">As for <see cref="Hidden"/>.</param>
    public Tensor NextTokenLogits(Tensor inputIds, KeyValueStore? cache = null)
    {
        int T = inputIds.Shape[^1];
        return Hidden(inputIds, cache).Slice(1, T - 1, T).Squeeze(1).Linear(Head);
    }

    /// <summary>
    /// Mean cross-entropy of the next token. input_ids, labels (B, T); labels are already shifted (labels[b, t] follows
    /// input_ids[b, t]) and −100 does not count. The (B·T, V) logits are never stored.
    /// </summary>
    public virtual Tensor Loss(Tensor inputIds, Tensor labels) => Hidden(inputIds).LinearCrossEntropy(Head, labels);
}
