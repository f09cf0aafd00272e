using Engine.Pretraining.Tokenizers;

namespace Engine.Pretraining.Generation;

/// <summary>What generation starts from.</summary>
public static class Prompt
{
    /// <summary>A line break, as nanoGPT starts its samples; where it is no token, the token that begins texts, else the first one.</summary>
    public static int[] Default(ITokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        try
        {
            int[] lineBreak = tokenizer.Encode("\n");
            return lineBreak.Length > 0 ? lineBreak : [tokenizer.SpecialTokens.Bos ?? tokenizer.SpecialTokens.Cls ?? 0];
        }
        catch (EngineException)
        {
            return [0];
        }
    }
}
