using System.Text.Json;

namespace Engine.Pretraining.Tokenizers;

/// <summary>Text to token ids and back. Immutable; a checkpoint carries it as JSON (<see cref="TokenizerFile"/>).</summary>
public interface ITokenizer
{
    /// <summary>The name of its kind in configurations and files: one of <see cref="TokenizerFile.Kinds"/>.</summary>
    string Kind { get; }

    /// <summary>V: ids are 0 … V − 1.</summary>
    int VocabSize { get; }

    /// <summary>The tokens that stand for no text; none by default.</summary>
    SpecialTokens SpecialTokens => SpecialTokens.None;

    /// <summary>The ids of a text.</summary>
    /// <exception cref="EngineException">The text has something this tokenizer cannot express; names it and its position.</exception>
    int[] Encode(ReadOnlySpan<char> text);

    /// <summary>
    /// The text of ids. For characters, bytes and byte-level BPE the inverse of <see cref="Encode"/> for ids that it made;
    /// words and WordPiece have dropped white space, and WordPiece case and accents.
    /// </summary>
    /// <exception cref="EngineException">An id is not in the vocabulary.</exception>
    string Decode(ReadOnlySpan<int> tokens);

    /// <summary>What <see cref="Decode"/> puts between a token and the one before it: a blank where tokens are words.</summary>
    string Separator(int next) => string.Empty;

    /// <summary>The special tokens that a model expects around a text.</summary>
    SequenceTemplate Template => SequenceTemplate.None;

    /// <summary>The ids of a text and where in the text each stands; the ids are those of <see cref="Encode"/>.</summary>
    /// <exception cref="EngineException">As <see cref="Encode"/>, or this kind of tokenizer does not know.</exception>
    TokenSpan[] EncodeSpans(ReadOnlySpan<char> text) => throw new EngineException($"tokenizer {Kind} does not say where in the text its tokens stand.");

    /// <summary>A token as its vocabulary writes it, where that differs from its text (▁ or Ġ for a blank).</summary>
    string Spell(int token) => Decode([token]);

    /// <summary>Writes it as properties of an open JSON object: its kind and what distinguishes it from others of its kind.</summary>
    void WriteProperties(Utf8JsonWriter writer);
}
