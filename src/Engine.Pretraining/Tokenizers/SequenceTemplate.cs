namespace Engine.Pretraining.Tokenizers;

/// <summary>The special tokens that a model expects around a text: [CLS] … [SEP], or a beginning of text.</summary>
/// <param name="Before">What stands before the text.</param>
/// <param name="After">What stands behind it.</param>
public sealed record SequenceTemplate(IReadOnlyList<int> Before, IReadOnlyList<int> After)
{
    /// <summary>Nothing around the text.</summary>
    public static SequenceTemplate None { get; } = new([], []);

    /// <summary>Tokens with what the model expects around them.</summary>
    public int[] Apply(ReadOnlySpan<int> tokens) => [.. Before, .. tokens, .. After];
}
