using Engine.Nn;

namespace Engine.Pretraining.Models;

/// <summary>
/// norm(word + position + segment) (Devlin et al. 2019, figure 2), the entrance of BERT and its kin. Tables (V, E), (positions, E) and
/// (segments, E); DistilBERT has no segments.
/// </summary>
internal sealed class EncoderEmbeddings : Module
{
    private readonly string _model;
    private readonly Embedding _words;
    private readonly Embedding _positions;
    private readonly Embedding? _segments;
    private readonly LayerNorm _norm;
    private readonly float _dropout;
    private readonly int _firstPosition;

    /// <param name="device">Where the tables live.</param>
    /// <param name="model">The model's name, for messages.</param>
    /// <param name="config">Sizes.</param>
    /// <param name="normal">First values.</param>
    /// <param name="firstPosition">The row of position 0; RoBERTa's tables begin with two rows that no token has.</param>
    public EncoderEmbeddings(Device device, string model, EncoderConfig config, Initializer normal, int firstPosition = 0)
        : base(device)
    {
        (_model, _dropout, _firstPosition, int E) = (model, config.Dropout, firstPosition, config.EmbeddingSize);
        _words = Add("word_embeddings", new Embedding(device, config.VocabSize, E, normal));
        _positions = Add("position_embeddings", new Embedding(device, config.MaxPositionEmbeddings, E, normal));
        _segments = config.TypeVocabSize > 0 ? Add("token_type_embeddings", new Embedding(device, config.TypeVocabSize, E, normal)) : null;
        _norm = Add("LayerNorm", new LayerNorm(device, E, config.LayerNormEps));
        MaxLength = config.MaxPositionEmbeddings - firstPosition;
    }

    /// <summary>The longest sequence.</summary>
    public int MaxLength { get; }

    /// <summary>(V, E); heads score tokens with it.</summary>
    public Parameter Words => _words.Weight;

    /// <summary>(B, T) → (B, T, E).</summary>
    public Tensor Forward(in EncoderInput input)
    {
        Tensor ids = input.InputIds;
        int T = ids.Shape[^1];
        if (T > MaxLength && !input.PositionIds.IsDefined)
        {
            throw new EngineException($"{_model}: input_ids {ids.Shape} are longer than the {MaxLength} positions that the model has.");
        }

        StepScope step = ids.Scope ?? throw new EngineException($"{_model}: input_ids must belong to a StepScope; make them with StepScope.From.");
        Tensor positions = input.PositionIds.IsDefined
            ? step.Use(_positions.Weight).Slice(0, _firstPosition, _firstPosition + MaxLength).Embedding(input.PositionIds) // (B, T, E)
            : step.Use(_positions.Weight).Slice(0, _firstPosition, _firstPosition + T);                // (T, E)
        Tensor words = _words.Forward(ids);
        if (_segments is { } segments)
        {
            words += input.TokenTypeIds.IsDefined
                ? segments.Forward(input.TokenTypeIds)                                                 // (B, T, E)
                : step.Use(segments.Weight).Slice(0, 0, 1);                                            // (1, E)
        }

        return _norm.Forward(words + positions).Dropout(_dropout);
    }
}
