namespace Engine.Pretraining.Models;

/// <summary>
/// How rotary angles are slowed down for contexts longer than those of training (rope_scaling of Hugging Face's <c>config.json</c>).
/// </summary>
public sealed record RopeScaling
{
    /// <summary>
    /// <c>linear</c>: every pair by <see cref="Factor"/> (Chen et al., "Extending context window of large language models via positional
    /// interpolation", 2023). <c>llama3</c>: pairs by the length of their waves, <see cref="Factors"/>. <c>factors</c>: as
    /// <see cref="Given"/>, which GGUF files have.
    /// </summary>
    public string Type { get; init; } = "linear";

    /// <summary>How many times slower (factor); Llama 3.1: 8.</summary>
    public float Factor { get; init; } = 1f;

    /// <summary>Waves longer than the original context over this get all of the factor (low_freq_factor); Llama 3.1: 1.</summary>
    public float LowFreqFactor { get; init; } = 1f;

    /// <summary>Waves shorter than the original context over this get none of it (high_freq_factor); Llama 3.1: 4.</summary>
    public float HighFreqFactor { get; init; } = 4f;

    /// <summary>The context of the first training (original_max_position_embeddings); Llama 3.1: 8192.</summary>
    public int OriginalMaxPositionEmbeddings { get; init; } = 8192;

    /// <summary>One factor a pair of columns, of type <c>factors</c>.</summary>
    public IReadOnlyList<float> Given { get; init; } = [];

    /// <summary>
    /// By how much each of the D/2 pairs turns slower. <c>llama3</c>, with wave length λ = 2π·θ^(2n/D) and s = (context/λ − low)/(high − low):
    /// 1/((1 − s)/factor + s), s cut to 0 … 1 (transformers, modeling_rope_utils.py).
    /// </summary>
    /// <param name="headSize">D.</param>
    /// <param name="theta">The base of the angles.</param>
    public float[] Factors(int headSize, float theta)
    {
        float[] factors = new float[headSize / 2];
        for (int n = 0; n < factors.Length; n++)
        {
            double wave = 2 * Math.PI * Math.Pow(theta, 2.0 * n / headSize);
            double share = Math.Clamp(((OriginalMaxPositionEmbeddings / wave) - LowFreqFactor) / (HighFreqFactor - LowFreqFactor), 0, 1);
            factors[n] = Type switch
            {
                "linear" => Factor,
                "llama3" => (float)(1 / (((1 - share) / Factor) + share)),
                _ => Given[n],
            };
        }

        return factors;
    }

    /// <summary>What is wrong with it for heads of this size; null if nothing is.</summary>
    internal string? Problem(int headSize) => Type switch
    {
        "linear" or "llama3" when !(Factor >= 1f && float.IsFinite(Factor)) => $"rope_scaling has the factor {Factor}; expected at least 1",
        "llama3" when !(LowFreqFactor > 0f && HighFreqFactor > LowFreqFactor && OriginalMaxPositionEmbeddings >= 1) =>
            $"rope_scaling has low_freq_factor {LowFreqFactor}, high_freq_factor {HighFreqFactor} and original_max_position_embeddings {OriginalMaxPositionEmbeddings}; expected 0 < low < high and a context of at least 1",
        "factors" when Given.Count != headSize / 2 || !Given.All(f => f > 0f && float.IsFinite(f)) =>
            $"the factors of the rotary angles are {Given.Count}; expected {headSize / 2} numbers greater than 0",
        "linear" or "llama3" or "factors" => null,
        _ => $"rope_scaling is of type {Type}; expected linear or llama3",
    };

    /// <summary>Whether the values are equal, those of <see cref="Given"/> too.</summary>
    public bool Equals(RopeScaling? other) => other is not null && Type == other.Type && Factor == other.Factor && LowFreqFactor == other.LowFreqFactor
        && HighFreqFactor == other.HighFreqFactor && OriginalMaxPositionEmbeddings == other.OriginalMaxPositionEmbeddings && Given.SequenceEqual(other.Given);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Type, Factor, LowFreqFactor, HighFreqFactor, OriginalMaxPositionEmbeddings, Given.Count);
}
