namespace Engine.Pretraining.Tokenizers;

/// <summary>A vocabulary of pieces of words, which knows where words begin.</summary>
public interface IWordPieces
{
    /// <summary>Whether a token goes on with the word of the token before it, as <c>##ing</c> does.</summary>
    bool ContinuesWord(int token);
}
