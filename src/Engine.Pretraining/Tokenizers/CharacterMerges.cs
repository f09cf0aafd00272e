using System.Text.Json;

namespace Engine.Pretraining.Tokenizers;

/// <summary>
/// Byte-pair encoding of characters, as Llama, Mistral and Gemma use it: SentencePiece's BPE, which falls back to bytes or to
/// an unknown token for characters that it does not have.
/// </summary>
internal sealed class CharacterMerges : PieceModel
{
    private const int OnStack = 512;
    private readonly int[] _characters = new int[0x10000];
    private readonly MergeTable _table;
    private readonly IReadOnlyList<Merge> _merges;

    public CharacterMerges(PieceVocabulary vocabulary, IReadOnlyList<Merge> merges, int[] made, int[]? ranks = null)
        : base(vocabulary)
    {
        (_merges, _table) = (merges, new MergeTable(merges, made, ranks));
        Array.Fill(_characters, -1);
        foreach ((string piece, int id) in vocabulary.Ids)
        {
            if (piece.Length == 1)
            {
                _characters[piece[0]] = id;
            }
        }
    }

    /// <inheritdoc/>
    public override string Kind => "bpe";

    /// <summary>The merges by rank.</summary>
    public IReadOnlyList<Merge> Merges => _merges;

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<char> piece, ref TokenList tokens, ref TokenList lengths)
    {
        Span<int> ids = piece.Length <= OnStack ? stackalloc int[OnStack] : new int[piece.Length];
        int count = 0;
        Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup = Vocabulary.Ids.GetAlternateLookup<ReadOnlySpan<char>>();
        for (int i = 0; i < piece.Length;)
        {
            int width = char.IsHighSurrogate(piece[i]) ? 2 : 1;
            int id = width == 1 ? _characters[piece[i]] : lookup.TryGetValue(piece.Slice(i, 2), out int wide) ? wide : -1;

            // A character without a token is no part of any pair; −1 has a meaning of its own there.
            ids[count++] = id >= 0 ? id : -1 - width;
            i += width;
        }

        count = _table.Apply(ids[..count]);
        int at = 0;
        foreach (int id in ids[..count])
        {
            if (id < 0)
            {
                Vocabulary.AddUnknown(piece.Slice(at, -1 - id), ref tokens, ref lengths);
                at += -1 - id;
                continue;
            }

            int length = Vocabulary.Tokens[id]!.Length;
            tokens.Add(id);
            lengths.Add(length);
            at += length;
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("model");
        writer.WriteString("type", "BPE");
        writer.WriteNull("dropout");
        writer.WriteString("unk_token", Vocabulary.Unknown is int unknown ? Vocabulary.Tokens[unknown] : null);
        writer.WriteNull("continuing_subword_prefix");
        writer.WriteNull("end_of_word_suffix");
        writer.WriteBoolean("fuse_unk", Vocabulary.FuseUnknown);
        writer.WriteBoolean("byte_fallback", Vocabulary.ByteFallback);
        HuggingFaceFile.WriteVocab(writer, Vocabulary.Tokens.Length, id => Vocabulary.Tokens[id]);
        writer.WriteStartArray("merges");
        foreach (Merge merge in _merges)
        {
            // A pair, not one string: pieces may hold blanks.
            writer.WriteStartArray();
            writer.WriteStringValue(Vocabulary.Tokens[merge.Left]);
            writer.WriteStringValue(Vocabulary.Tokens[merge.Right]);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
