using Engine.Pretraining.Configuration;

namespace Engine.Pretraining.Models;

/// <summary>The shape of a bidirectional encoder, keys as in Hugging Face's <c>config.json</c>; the defaults are BERT-base's.</summary>
public sealed record EncoderConfig
{
    /// <summary>V, tokens in the vocabulary (vocab_size).</summary>
    public int VocabSize { get; init; } = 30522;

    /// <summary>C, the model width (hidden_size).</summary>
    public int HiddenSize { get; init; } = 768;

    /// <summary>E, the width of the embedding tables; C unless a model factorises them, as ALBERT and ELECTRA do (embedding_size).</summary>
    public int EmbeddingSize { get; init; } = 768;

    /// <summary>L, the number of layers (num_hidden_layers).</summary>
    public int NumHiddenLayers { get; init; } = 12;

    /// <summary>H, attention heads; divides C (num_attention_heads).</summary>
    public int NumAttentionHeads { get; init; } = 12;

    /// <summary>F, the width inside the feed-forward part; 4·C in all the papers (intermediate_size).</summary>
    public int IntermediateSize { get; init; } = 3072;

    /// <summary>Rows of the table of positions (max_position_embeddings).</summary>
    public int MaxPositionEmbeddings { get; init; } = 512;

    /// <summary>Kinds of segments; 0 for no table at all, as in DistilBERT (type_vocab_size).</summary>
    public int TypeVocabSize { get; init; } = 2;

    /// <summary>ε of the layer norms (layer_norm_eps).</summary>
    public float LayerNormEps { get; init; } = 1e-12f;

    /// <summary><c>gelu</c> (erf form: BERT, RoBERTa, ELECTRA) or <c>gelu_new</c> (tanh form: ALBERT v2) (hidden_act).</summary>
    public string HiddenAct { get; init; } = "gelu";

    /// <summary>Dropout after the embedding and on both residual branches (hidden_dropout_prob); attention itself has none here.</summary>
    public float Dropout { get; init; }

    internal Activation Activation => HiddenAct == "gelu_new" ? Activation.GeluTanh : Activation.Gelu;

    /// <summary>The shape that a run's configuration describes for a vocabulary; tables are as wide as the model.</summary>
    public static EncoderConfig From(PretrainConfig config, int vocabSize)
    {
        ArgumentNullException.ThrowIfNull(config);
        return new EncoderConfig
        {
            VocabSize = vocabSize,
            HiddenSize = config.NEmbd,
            EmbeddingSize = config.NEmbd,
            NumHiddenLayers = config.NLayer,
            NumAttentionHeads = config.NHead,
            IntermediateSize = 4 * config.NEmbd,
            MaxPositionEmbeddings = config.BlockSize,
            Dropout = (float)config.Dropout,
        };
    }

    /// <summary>The same for RoBERTa: one kind of segment, two more positions, ε 1e-5.</summary>
    internal static EncoderConfig Roberta(PretrainConfig config, int vocabSize) => From(config, vocabSize) with
    {
        TypeVocabSize = 1,
        MaxPositionEmbeddings = config.BlockSize + Models.Roberta.FirstPosition,
        LayerNormEps = 1e-5f,
    };

    /// <summary>The same with tables of a width of their own, as ALBERT and ELECTRA have them.</summary>
    internal static EncoderConfig Factorised(PretrainConfig config, int vocabSize) =>
        From(config, vocabSize) with { EmbeddingSize = config.EmbeddingSize > 0 ? config.EmbeddingSize : config.NEmbd };

    /// <summary>Checks that the numbers make a model.</summary>
    /// <param name="model">Its name, for messages.</param>
    /// <exception cref="EngineException">A size is not positive, heads do not divide the width, or the activation is unknown.</exception>
    public EncoderConfig Validated(string model)
    {
        if (VocabSize < 1 || HiddenSize < 1 || EmbeddingSize < 1 || NumHiddenLayers < 1 || NumAttentionHeads < 1 || IntermediateSize < 1
            || MaxPositionEmbeddings < 1 || TypeVocabSize < (model == "DistilBERT" ? 0 : 1))
        {
            throw new EngineException(
                $"{model}: vocab_size {VocabSize}, hidden_size {HiddenSize}, embedding_size {EmbeddingSize}, num_hidden_layers {NumHiddenLayers}, num_attention_heads " +
                $"{NumAttentionHeads}, intermediate_size {IntermediateSize}, max_position_embeddings {MaxPositionEmbeddings} and type_vocab_size {TypeVocabSize} must all be at least 1.");
        }

        if (HiddenSize % NumAttentionHeads != 0)
        {
            throw new EngineException(
                $"{model}: num_attention_heads {NumAttentionHeads} does not divide hidden_size {HiddenSize}; each head needs hidden_size / num_attention_heads columns.");
        }

        return HiddenAct is "gelu_new" or "gelu"
            ? this
            : throw new EngineException($"{model}: hidden_act '{HiddenAct}' is unknown; expected gelu or gelu_new.");
    }
}
