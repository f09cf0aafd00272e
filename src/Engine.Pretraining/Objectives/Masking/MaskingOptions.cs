namespace Engine.Pretraining.Objectives.Masking;

/// <summary>How tokens are hidden. The defaults are BERT's.</summary>
public sealed record MaskingOptions
{
    /// <summary>Share of a sequence's tokens that are chosen, special tokens not counted: max(1, round(share·n)).</summary>
    public double Probability { get; init; } = 0.15;

    /// <summary>The most that are chosen of one sequence; BERT takes 20 of 128.</summary>
    public required int MaxPredictions { get; init; }

    /// <summary>Whether words are chosen as a whole (Devlin et al., whole word masking, 2019); the last one that does not fit is left out.</summary>
    public bool WholeWords { get; init; }

    /// <summary>How many neighbouring words or tokens are chosen together.</summary>
    public SpanLaw Spans { get; init; } = SpanLaw.Single;

    /// <summary>
    /// SpanBERT's rules: a span shares one decision on what it becomes, and no two spans touch, so that both its borders can be seen.
    /// </summary>
    public bool WholeSpans { get; init; }

    /// <summary>Share of the chosen that become the mask token.</summary>
    public double MaskShare { get; init; } = 0.8;

    /// <summary>Share that become a random token; what is left stays as it is.</summary>
    public double RandomShare { get; init; } = 0.1;
}
