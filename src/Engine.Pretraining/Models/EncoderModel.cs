using Engine.Nn;

namespace Engine.Pretraining.Models;

/// <summary>
/// A bidirectional encoder that predicts hidden tokens: what the objectives <c>mlm</c>, <c>mlm-nsp</c> and <c>mlm-sop</c> train. A model
/// says how it gets its hidden states and how it scores tokens.
/// </summary>
public abstract class EncoderModel : Module
{
    /// <summary>A model on a device.</summary>
    protected EncoderModel(Device device)
        : base(device)
    {
    }

    /// <summary>The model's shape.</summary>
    public abstract EncoderConfig Config { get; }

    /// <summary>The longest sequence that it reads, special tokens included.</summary>
    public abstract int MaxLength { get; }

    /// <summary>V.</summary>
    public abstract int VocabSize { get; }

    /// <summary>The final hidden states (B, T, C).</summary>
    /// <exception cref="EngineException">There are more tokens than <see cref="MaxLength"/>.</exception>
    public abstract Tensor Hidden(in EncoderInput input);

    /// <summary>Scores of all tokens for each hidden state: (…, C) → (…, V).</summary>
    public abstract Tensor TokenLogits(Tensor hidden);

    /// <summary>Scores of the two classes of a pair of segments, from the state of its first token: hidden (B, T, C) → (B, 2).</summary>
    /// <param name="hidden">(B, T, C).</param>
    /// <param name="firstRows">Of packed sequences the rows of their first tokens, (number of sequences) int32; without it each row of the batch is one.</param>
    /// <exception cref="EngineException">The model has no such head.</exception>
    public virtual Tensor PairLogits(Tensor hidden, Tensor firstRows = default) =>
        throw new EngineException($"{GetType().Name}: has no head for pairs of segments; train it with an objective that needs none.");

    /// <summary>Whether it has a pooled first token, which objectives of pairs train.</summary>
    public virtual bool HasPooler => false;

    /// <summary>tanh(W·h₀ + b): hidden (B, T, C) → (B, C).</summary>
    /// <param name="hidden">(B, T, C).</param>
    /// <param name="firstRows">As <see cref="PairLogits"/> takes it.</param>
    /// <exception cref="EngineException">The model has no pooler.</exception>
    public virtual Tensor Pooled(Tensor hidden, Tensor firstRows = default) =>
        throw new EngineException($"{GetType().Name}: has no head for pairs of segments, and so no pooler; train it with an objective that has pairs.");

    /// <summary>The hidden states at some places of a batch: hidden (B, T, C), rows (N) int32 = b·T + t → (N, C).</summary>
    public static Tensor Rows(Tensor hidden, Tensor rows) => hidden.Reshape(-1, hidden.Shape[^1]).Embedding(rows);

    /// <summary>W·h + b of the first token's state, through tanh (Devlin et al. 2019): hidden (B, T, C) → (B, C).</summary>
    private protected static Tensor Pool(Linear dense, Tensor hidden, Tensor firstRows)
    {
        Tensor first = dense.Forward(firstRows.IsDefined ? Rows(hidden, firstRows) : hidden.Slice(1, 0, 1).Squeeze(1));
        return first.To(DType.Float32).Tanh().To(first.DType);
    }
}
