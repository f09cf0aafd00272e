using System.Text.Json;
using Engine.Pretraining.Tokenizers;

namespace Engine.Pretraining.Tests.Tokenizers;

/// <summary>A vocabulary for tests of encoders: BERT's special tokens, and the pieces of at most four letters of a text's words.</summary>
internal sealed class PieceTokenizer : ITokenizer, IWordPieces
{
    private readonly List<string> _pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
    private readonly bool _hasMask;

    public PieceTokenizer(string text, bool hasMask = true)
    {
        _hasMask = hasMask;
        _pieces.AddRange(Pieces(text).Distinct().Order(StringComparer.Ordinal));
    }

    public string Kind => "pieces";

    public int VocabSize => _pieces.Count;

    public SpecialTokens SpecialTokens => new() { Pad = 0, Unk = 1, Cls = 2, Sep = 3, Mask = _hasMask ? 4 : null };

    public int[] Encode(ReadOnlySpan<char> text) => [.. Pieces(text.ToString()).Select(p => Math.Max(1, _pieces.IndexOf(p)))];

    public string Decode(ReadOnlySpan<int> tokens) => string.Join(' ', tokens.ToArray().Select(t => _pieces[t]));

    public bool ContinuesWord(int token) => _pieces[token].StartsWith("##", StringComparison.Ordinal);

    public void WriteProperties(Utf8JsonWriter writer) => writer.WriteString("pieces", string.Join(' ', _pieces));

    private static IEnumerable<string> Pieces(string text) =>
        from word in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
        from at in Enumerable.Range(0, (word.Length + 3) / 4)
        select $"{(at > 0 ? "##" : string.Empty)}{word.AsSpan(at * 4, Math.Min(4, word.Length - (at * 4)))}";
}
