using Engine.Pretraining.Tokenizers.Normalization;

namespace Engine.Pretraining.Tokenizers;

/// <summary>How byte-level BPE prepares and cuts a text.</summary>
/// <param name="Pattern">Cuts the text.</param>
internal sealed record BytePairSettings(PiecePattern Pattern)
{
    /// <summary>A piece that is a token is that token, whatever the merges say (Llama 3, tiktoken).</summary>
    public bool IgnoreMerges { get; init; }

    /// <summary>What rewrites the text first.</summary>
    public Normalizer[] Normalizers { get; init; } = [];

    /// <summary>Which tokens end a piece, where the vocabulary tells such from others (CLIP's <c>&lt;/w&gt;</c>).</summary>
    public bool[]? Suffixed { get; init; }

    /// <summary>The rank of each merge; null: their order.</summary>
    public int[]? Ranks { get; init; }

    /// <summary>What a model expects around a text.</summary>
    public SequenceTemplate Template { get; init; } = SequenceTemplate.None;
}
