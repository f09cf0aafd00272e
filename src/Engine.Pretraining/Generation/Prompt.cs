using Engine.Pretraining.Tokenizers;

namespace Engine.Pretraining.Generation;

/// <summary>What generation starts from.</summary>
public static class Prompt
{
    /// <summary>A line break, as nanoGPT starts its samples; the first token where the vocabulary has none.</summary>
    public static int[] Default(ITokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        try
        {
            return tokenizer.Encode("\n");
        }
        catch (EngineException)
        {
            return [0];
        }
    }
}
