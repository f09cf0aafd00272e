namespace Engine.Pretraining.Words;

/// <summary>
/// The losses of word vectors as tensor expressions, for any device and optimizer; sums over the examples. <see cref="Word2Vec"/> and
/// <see cref="Glove"/> take the same gradients one example at a time.
/// </summary>
public static class WordLosses
{
    /// <summary>
    /// Skip-gram with negative sampling: −Σ log σ(o·c) − Σ log σ(−n·c). Repeated words and repeated negatives count each time.
    /// </summary>
    /// <param name="input">Vectors of centre words (V, D).</param>
    /// <param name="output">Vectors of context words (V, D).</param>
    /// <param name="center">c, (N) int32.</param>
    /// <param name="context">o, (N) int32.</param>
    /// <param name="negatives">n, (N, K) int32.</param>
    public static Tensor SkipGram(Tensor input, Tensor output, Tensor center, Tensor context, Tensor negatives) =>
        NegativeSampling(input.Embedding(center), output, context, negatives);

    /// <summary>CBOW with negative sampling: as <see cref="SkipGram"/> with the mean of the context's vectors for c.</summary>
    /// <param name="input">Vectors of context words (V, D).</param>
    /// <param name="output">Vectors of target words (V, D).</param>
    /// <param name="context">(N, S) int32.</param>
    /// <param name="mask">(N, S), 1 for a word of the context and 0 for a place without one.</param>
    /// <param name="target">(N) int32.</param>
    /// <param name="negatives">(N, K) int32.</param>
    public static Tensor Cbow(Tensor input, Tensor output, Tensor context, Tensor mask, Tensor target, Tensor negatives)
    {
        Tensor sum = (input.Embedding(context) * mask.Unsqueeze(-1)).Sum(1);                            // (N, S, D) → (N, D)
        return NegativeSampling(sum / mask.Sum(-1, keepDim: true), output, target, negatives);
    }

    /// <summary>Hierarchical softmax: −Σ log σ(±p·c) along the path of each target.</summary>
    /// <param name="input">Vectors of centre words (V, D).</param>
    /// <param name="nodes">Vectors of the tree's inner nodes (V − 1, D).</param>
    /// <param name="center">c, (N) int32.</param>
    /// <param name="points">The nodes p of each path (N, S) int32; anything behind its end.</param>
    /// <param name="signs">(N, S): 1 for a bit 0, −1 for a bit 1, 0 behind the path's end.</param>
    public static Tensor HierarchicalSoftmax(Tensor input, Tensor nodes, Tensor center, Tensor points, Tensor signs)
    {
        Tensor scores = (nodes.Embedding(points) * input.Embedding(center).Unsqueeze(1)).Sum(-1);       // (N, S)
        return -((signs * scores).LogSigmoid() * signs.Abs()).Sum();
    }

    /// <summary>GloVe: Σ f·(w_i·w̃_j + b_i + b̃_j − ln x)².</summary>
    /// <param name="w">(V, D).</param>
    /// <param name="context">w̃ (V, D).</param>
    /// <param name="bias">b (V).</param>
    /// <param name="contextBias">b̃ (V).</param>
    /// <param name="i">(N) int32.</param>
    /// <param name="j">(N) int32.</param>
    /// <param name="logX">ln x (N).</param>
    /// <param name="weight">f (N), by <see cref="Glove.Weight"/>.</param>
    public static Tensor Glove(Tensor w, Tensor context, Tensor bias, Tensor contextBias, Tensor i, Tensor j, Tensor logX, Tensor weight)
    {
        Tensor product = (w.Embedding(i) * context.Embedding(j)).Sum(-1);                               // (N)
        Tensor biases = bias.Unsqueeze(-1).Embedding(i) + contextBias.Unsqueeze(-1).Embedding(j);       // (N, 1)
        return (weight * (product + biases.Squeeze(-1) - logX).Square()).Sum();
    }

    private static Tensor NegativeSampling(Tensor c, Tensor output, Tensor context, Tensor negatives)
    {
        Tensor positive = (c * output.Embedding(context)).Sum(-1);                                      // (N)
        Tensor negative = (output.Embedding(negatives) * c.Unsqueeze(1)).Sum(-1);                       // (N, K, D) → (N, K)
        return -(positive.LogSigmoid().Sum() + (-negative).LogSigmoid().Sum());
    }
}
