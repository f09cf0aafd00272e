using System.Text.Json;

namespace Engine.Pretraining.Tokenizers;

/// <summary>How a stretch of normalized text is cut into pieces of a vocabulary.</summary>
internal abstract class PieceModel(PieceVocabulary vocabulary)
{
    /// <summary>The name in configurations.</summary>
    public abstract string Kind { get; }

    /// <summary>The pieces.</summary>
    public PieceVocabulary Vocabulary { get; } = vocabulary;

    /// <summary>Whether a piece can hold the beginning of a word, ▁, behind something else: then a text cannot be cut there beforehand.</summary>
    public bool CrossesWords { get; } = vocabulary.Ids.Keys.Any(Crosses) || !vocabulary.Ids.ContainsKey(SubwordTokenizer.BlankText);

    /// <summary>Adds the tokens of a stretch and how many UTF-16 units of it each stands for.</summary>
    public abstract void Encode(ReadOnlySpan<char> piece, ref TokenList tokens, ref TokenList lengths);

    /// <summary>Writes the property <c>model</c> of tokenizer.json.</summary>
    public abstract void Write(Utf8JsonWriter writer);

    private static bool Crosses(string piece)
    {
        int first = piece.AsSpan().IndexOfAnyExcept(SubwordTokenizer.Blank);
        return first >= 0 && piece.IndexOf(SubwordTokenizer.Blank, first) >= 0;
    }
}
