namespace Engine.Pretraining.Data;

/// <summary>
/// How many tokens and spans of a text T5 corrupts (Raffel et al. 2020, section 3.3.4, and t5/data/preprocessors.py). Rounding is to even, as
/// NumPy and TensorFlow round; at least one token and one span are corrupted and at least one token is kept before each span.
/// </summary>
/// <param name="Tokens">Length of the text.</param>
/// <param name="NoiseTokens">Tokens that are taken out.</param>
/// <param name="Spans">Runs that they form; each is replaced by one sentinel.</param>
public readonly record struct SpanLengths(int Tokens, int NoiseTokens, int Spans)
{
    /// <summary>Length of the corrupted text: what is kept, one sentinel a span, and the end token.</summary>
    public int Inputs => Tokens - NoiseTokens + Spans + 1;

    /// <summary>Length of the target: what was taken out, one sentinel a span, and the end token.</summary>
    public int Targets => NoiseTokens + Spans + 1;

    /// <summary>The counts for a text of a length.</summary>
    /// <param name="tokens">At least 2.</param>
    /// <param name="noiseDensity">Share of the tokens that is taken out; 0.15 in the paper.</param>
    /// <param name="meanSpanLength">Their mean run length; 3 in the paper.</param>
    public static SpanLengths Of(int tokens, double noiseDensity, double meanSpanLength)
    {
        int noise = Math.Clamp((int)Math.Round(tokens * noiseDensity), 1, tokens - 1);
        int spans = Math.Clamp((int)Math.Round(noise / meanSpanLength), 1, Math.Min(noise, tokens - noise));
        return new SpanLengths(tokens, noise, spans);
    }

    /// <summary>The longest text whose corrupted form fits into a length; T5 has no padding in pre-training thanks to this (random_spans_helper).</summary>
    /// <param name="inputs">The length, at least 4.</param>
    /// <param name="noiseDensity">As for <see cref="Of"/>.</param>
    /// <param name="meanSpanLength">As for <see cref="Of"/>.</param>
    /// <exception cref="EngineException">The length leaves no room for a span.</exception>
    public static SpanLengths ForInputs(int inputs, double noiseDensity, double meanSpanLength)
    {
        if (inputs < 4)
        {
            throw new EngineException($"span corruption: block_size = {inputs} has no room for a kept token, a span's sentinel and the end token; take at least 4.");
        }

        int tokens = 2;
        while (Of(tokens + 1, noiseDensity, meanSpanLength).Inputs <= inputs)
        {
            tokens++;
        }

        return Of(tokens, noiseDensity, meanSpanLength);
    }
}
