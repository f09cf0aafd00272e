namespace Engine.Pretraining.Tokenizers;

/// <summary>
/// A token and the stretch of the text that it stands for. Tokens that share a character (bytes of one character) have it
/// both; a token of something that the tokenizer added has an empty stretch.
/// </summary>
/// <param name="Id">The token.</param>
/// <param name="Start">Where its first character begins, in UTF-16 units of the text.</param>
/// <param name="Length">UTF-16 units.</param>
public readonly record struct TokenSpan(int Id, int Start, int Length);
