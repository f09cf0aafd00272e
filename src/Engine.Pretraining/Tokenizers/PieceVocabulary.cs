using System.Globalization;
using System.Text;

namespace Engine.Pretraining.Tokenizers;

/// <summary>Pieces of text by id, and what becomes of text that no piece covers.</summary>
internal sealed class PieceVocabulary
{
    private readonly int[]? _bytes;

    /// <param name="name">The file, for messages.</param>
    /// <param name="tokens">Pieces as a file writes them; null where it leaves an id out.</param>
    /// <param name="special">Those that stand for no text.</param>
    /// <param name="unknown">The token for what no piece covers; null: there is none.</param>
    /// <param name="byteFallback">Such text becomes bytes, which the vocabulary spells <c>&lt;0x00&gt;</c> … <c>&lt;0xFF&gt;</c>.</param>
    /// <param name="fuseUnknown">Unknown characters side by side are one unknown token.</param>
    /// <exception cref="EngineException">A byte is missing.</exception>
    public PieceVocabulary(string name, string?[] tokens, AddedTokens special, int? unknown, bool byteFallback, bool fuseUnknown)
    {
        (Tokens, Special, Unknown, ByteFallback, FuseUnknown) = (tokens, special, unknown, byteFallback, fuseUnknown);
        ByteOf = [];
        Ids = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int id = 0; id < tokens.Length; id++)
        {
            if (tokens[id] is not { Length: > 0 } token || special.ContainsKey(id) || id == unknown)
            {
                continue;
            }

            if (byteFallback && TryReadByte(token, out byte value))
            {
                ByteOf.TryAdd(id, value);
                continue;
            }

            Ids.TryAdd(token, id);
        }

        if (byteFallback)
        {
            _bytes = new int[256];
            Array.Fill(_bytes, -1);
            foreach ((int id, byte value) in ByteOf)
            {
                _bytes[value] = id;
            }

            int missing = Array.IndexOf(_bytes, -1);
            if (missing >= 0)
            {
                throw new EngineException($"{name}: unknown text becomes bytes (byte_fallback), but the vocabulary has no token {SpellByte((byte)missing)}.");
            }
        }
    }

    /// <summary>Pieces by id.</summary>
    public string?[] Tokens { get; }

    /// <summary>Tokens that stand for no text.</summary>
    public AddedTokens Special { get; }

    /// <summary>The token for what no piece covers.</summary>
    public int? Unknown { get; }

    /// <summary>Whether what no piece covers becomes bytes.</summary>
    public bool ByteFallback { get; }

    /// <summary>Whether unknown characters side by side are one token.</summary>
    public bool FuseUnknown { get; }

    /// <summary>Ids of the pieces that stand for text.</summary>
    public Dictionary<string, int> Ids { get; }

    /// <summary>The bytes among the tokens.</summary>
    public Dictionary<int, byte> ByteOf { get; }

    /// <summary>A byte as vocabularies spell it.</summary>
    public static string SpellByte(byte value) => $"<0x{value:X2}>";

    /// <summary>
    /// Adds what becomes of a character that no piece covers; its last token has its length, the others have none. Lengths are
    /// those of the stretch that is being cut: unknown characters of two stretches stay apart.
    /// </summary>
    public void AddUnknown(ReadOnlySpan<char> character, ref TokenList tokens, ref TokenList lengths)
    {
        if (_bytes is not null)
        {
            Span<byte> bytes = stackalloc byte[4];
            int count = Encoding.UTF8.GetBytes(character, bytes);
            for (int i = 0; i < count; i++)
            {
                tokens.Add(_bytes[bytes[i]]);
                lengths.Add(i == count - 1 ? character.Length : 0);
            }

            return;
        }

        int unknown = Unknown ?? throw new EngineException(
            $"tokenizer: the character '{character}' (U+{Rune.GetRuneAt(character.ToString(), 0).Value:X4}) is not in the vocabulary, which has no token for unknown text.");
        if (FuseUnknown && lengths.Count > 0 && tokens.Last == unknown)
        {
            lengths.Last += character.Length;
            return;
        }

        tokens.Add(unknown);
        lengths.Add(character.Length);
    }

    private static bool TryReadByte(string token, out byte value)
    {
        value = 0;
        return token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>'
            && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}
