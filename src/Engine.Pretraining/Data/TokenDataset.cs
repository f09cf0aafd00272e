namespace Engine.Pretraining.Data;

/// <summary>
/// Tokens split by position into a training and a validation part, as nanoGPT does: the first ⌊n·(1 − f)⌋ tokens train, the
/// rest validate, so that no validation window overlaps a training window.
/// </summary>
public sealed class TokenDataset
{
    /// <summary>Splits a source.</summary>
    /// <param name="tokens">All tokens.</param>
    /// <param name="validationFraction">f: share at the end that validates.</param>
    /// <param name="sequenceLength">T: both parts must hold at least one sequence and its last label, T + 1 tokens.</param>
    /// <exception cref="EngineException">A part is shorter than one sequence; says how many tokens are needed.</exception>
    public TokenDataset(ITokenSource tokens, double validationFraction, int sequenceLength)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentOutOfRangeException.ThrowIfLessThan(sequenceLength, 1);
        long training = (long)(tokens.Count * (1.0 - validationFraction));
        Training = Split("training", 0, training);
        Validation = Split("validation", training, tokens.Count - training);

        TokenSlice Split(string name, long start, long count) => count > sequenceLength
            ? new TokenSlice($"{tokens.Name} ({name})", tokens, start, count)
            : throw new EngineException(
                $"{tokens.Name}: the {name} split has {count} of the corpus's {tokens.Count} tokens, but one sequence needs {sequenceLength + 1} " +
                $"(block_size = {sequenceLength} and the label after it); take a longer corpus, a smaller block_size or another val_fraction.");
    }

    /// <summary>The part that trains.</summary>
    public ITokenSource Training { get; }

    /// <summary>The part that validates.</summary>
    public ITokenSource Validation { get; }
}
