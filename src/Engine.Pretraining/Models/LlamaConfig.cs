using Engine.Pretraining.Configuration;

namespace Engine.Pretraining.Models;

/// <summary>
/// The shape of a Llama, Mistral or Mixtral, keys as in Hugging Face's <c>config.json</c>; the defaults are Llama 2 7B's
/// (Touvron et al., "Llama 2: open foundation and fine-tuned chat models", 2023).
/// </summary>
public sealed record LlamaConfig
{
    /// <summary>V (vocab_size).</summary>
    public int VocabSize { get; init; } = 32000;

    /// <summary>The longest sequence T (max_position_embeddings).</summary>
    public int MaxPositionEmbeddings { get; init; } = 4096;

    /// <summary>C (hidden_size).</summary>
    public int HiddenSize { get; init; } = 4096;

    /// <summary>L (num_hidden_layers).</summary>
    public int NumHiddenLayers { get; init; } = 32;

    /// <summary>H, heads of the queries (num_attention_heads).</summary>
    public int NumAttentionHeads { get; init; } = 32;

    /// <summary>
    /// Heads of keys and values (num_key_value_heads): H gives multi-head attention, 1 multi-query (Shazeer, 2019), in between
    /// grouped-query (Ainslie et al., 2023); the 70B model has 8.
    /// </summary>
    public int NumKeyValueHeads { get; init; } = 32;

    /// <summary>F, width inside the feed-forward part (intermediate_size).</summary>
    public int IntermediateSize { get; init; } = 11008;

    /// <summary>ε of the RMS norms (rms_norm_eps).</summary>
    public float RmsNormEps { get; init; } = 1e-5f;

    /// <summary>The base of the rotary angles (rope_theta).</summary>
    public float RopeTheta { get; init; } = 10000f;

    /// <summary>How the rotary angles are slowed down (rope_scaling); null: they are not.</summary>
    public RopeScaling? RopeScaling { get; init; }

    /// <summary>How tokens know where they are: <c>rotary</c>, <c>alibi</c>, <c>sinusoidal</c>, <c>learned</c> or <c>none</c>.</summary>
    public string PositionEmbedding { get; init; } = "rotary";

    /// <summary>Tokens that a token sees, itself included; 0 for all before it (sliding_window; Mistral 7B: 4096).</summary>
    public int SlidingWindow { get; init; }

    /// <summary>Whether the output layer is the embedding table (tie_word_embeddings).</summary>
    public bool TieWordEmbeddings { get; init; }

    /// <summary>E, experts of a layer (num_local_experts); 0 for a dense feed-forward part.</summary>
    public int NumLocalExperts { get; init; }

    /// <summary>k, experts that a token goes to (num_experts_per_tok).</summary>
    public int NumExpertsPerTok { get; init; } = 2;

    /// <summary>α, the weight of the load-balancing loss (router_aux_loss_coef; Fedus et al., "Switch transformers", 2022: 0.01).</summary>
    public float RouterAuxLossCoef { get; init; } = 0.01f;

    /// <summary>Dropout after the embedding and on both residual branches; none in the papers.</summary>
    public float Dropout { get; init; }

    /// <summary>The names that <see cref="PositionEmbedding"/> may have.</summary>
    public static IReadOnlyList<string> Positions { get; } = ["rotary", "alibi", "sinusoidal", "learned", "none"];

    /// <summary>The shape that a run's configuration describes for a vocabulary.</summary>
    public static LlamaConfig From(PretrainConfig config, int vocabSize)
    {
        ArgumentNullException.ThrowIfNull(config);
        return new LlamaConfig
        {
            VocabSize = vocabSize,
            MaxPositionEmbeddings = config.BlockSize,
            HiddenSize = config.NEmbd,
            NumHiddenLayers = config.NLayer,
            NumAttentionHeads = config.NHead,
            NumKeyValueHeads = config.NumKeyValueHeads > 0 ? config.NumKeyValueHeads : config.NHead,
            IntermediateSize = config.IntermediateSize > 0 ? config.IntermediateSize : FeedForwardWidth(config.NEmbd),
            PositionEmbedding = config.PositionEmbedding,
            RopeTheta = (float)config.RopeTheta,
            RmsNormEps = (float)config.RmsNormEps,
            SlidingWindow = config.SlidingWindow,
            TieWordEmbeddings = config.TieWordEmbeddings,
            NumLocalExperts = config.Model == "mixtral" ? config.NumLocalExperts : 0,
            NumExpertsPerTok = config.NumExpertsPerTok,
            RouterAuxLossCoef = (float)config.RouterAuxLossCoef,
            Dropout = (float)config.Dropout,
        };
    }

    /// <summary>
    /// Llama's usual F: two thirds of 4C, since the gate adds a third matrix, rounded up to a multiple of 256 where that is small
    /// against C and of 8 otherwise.
    /// </summary>
    public static int FeedForwardWidth(int hiddenSize)
    {
        int multiple = hiddenSize >= 1024 ? 256 : 8;
        return ((8 * hiddenSize / 3) + multiple - 1) / multiple * multiple;
    }

    /// <summary>Checks that the numbers make a model.</summary>
    /// <exception cref="EngineException">Names the keys, their values and the rule.</exception>
    public LlamaConfig Validated()
    {
        void Require(bool holds, string message)
        {
            if (!holds)
            {
                throw new EngineException($"Llama: {message}.");
            }
        }

        Require(
            Math.Min(Math.Min(Math.Min(VocabSize, MaxPositionEmbeddings), Math.Min(HiddenSize, NumHiddenLayers)), Math.Min(Math.Min(NumAttentionHeads, NumKeyValueHeads), IntermediateSize)) >= 1,
            $"vocab_size {VocabSize}, max_position_embeddings {MaxPositionEmbeddings}, hidden_size {HiddenSize}, num_hidden_layers {NumHiddenLayers}, num_attention_heads " +
            $"{NumAttentionHeads}, num_key_value_heads {NumKeyValueHeads} and intermediate_size {IntermediateSize} must all be at least 1");
        Require(HiddenSize % NumAttentionHeads == 0, $"num_attention_heads {NumAttentionHeads} does not divide hidden_size {HiddenSize}");
        Require(
            NumAttentionHeads % NumKeyValueHeads == 0,
            $"num_key_value_heads {NumKeyValueHeads} does not divide num_attention_heads {NumAttentionHeads}; each key head serves a group of query heads");
        Require(
            PositionEmbedding != "rotary" || HiddenSize / NumAttentionHeads % 2 == 0,
            $"rotary positions turn pairs of columns, but a head has {HiddenSize / Math.Max(1, NumAttentionHeads)}; choose an even hidden_size / num_attention_heads");
        Require(Positions.Contains(PositionEmbedding), $"position_embedding {PositionEmbedding} is unknown; expected one of {string.Join(", ", Positions)}");
        Require(SlidingWindow >= 0, $"sliding_window {SlidingWindow} is negative; 0 sees everything");
        string? scaling = RopeScaling?.Problem(HiddenSize / NumAttentionHeads);
        Require(scaling is null, scaling ?? string.Empty);
        Require(
            NumLocalExperts == 0 || (NumExpertsPerTok >= 1 && NumExpertsPerTok <= NumLocalExperts),
            $"num_experts_per_tok {NumExpertsPerTok} is not between 1 and num_local_experts {NumLocalExperts}");
        return this;
    }
}
