using System.Buffers;
using System.Globalization;
using System.Text;

namespace Engine.Pretraining.Tokenizers;

/// <summary>How BERT's words are made from text, by the names of Hugging Face's BertNormalizer.</summary>
/// <param name="CleanText">Controls are left out, white space becomes a blank.</param>
/// <param name="HandleChineseChars">Each ideograph is a word.</param>
/// <param name="StripAccents">Characters are decomposed (NFD) and combining marks left out.</param>
/// <param name="Lowercase">Letters become lower case, one by one.</param>
internal sealed record BertNormalization(bool CleanText, bool HandleChineseChars, bool StripAccents, bool Lowercase)
{
    /// <summary>BERT uncased.</summary>
    public static BertNormalization Uncased { get; } = new(true, true, true, true);
}

/// <summary>
/// Walks over the words of a text as BERT's basic tokenizer makes them (Devlin et al. 2019, tokenization.py): normalized,
/// then split at white space, which is dropped, and at punctuation and ideographs, each a word of its own.
/// </summary>
internal ref struct BertWords(ReadOnlySpan<char> text, BertNormalization how)
{
    private readonly ReadOnlySpan<char> _text = text;
    private readonly List<int> _normalized = [];
    private char[] _word = new char[128];
    private int[] _starts = new int[128];
    private int[] _ends = new int[128];
    private int _length;
    private int _from;
    private int _at;
    private int _next;
    private bool _apart;

    /// <summary>The word; valid until the next step.</summary>
    public readonly ReadOnlySpan<char> Current => _word.AsSpan(0, _length);

    /// <summary>The stretch of the text that a stretch of the word comes from; neither is empty.</summary>
    public readonly (int Start, int End) Origin(int from, int to) => (_starts[from], _ends[to - 1]);

    /// <summary>Goes to the next word.</summary>
    public bool MoveNext()
    {
        _length = 0;
        while (Peek(out int character))
        {
            bool space = IsSpace(character);
            bool alone = !space && (_apart || IsPunctuation(character));
            if (_length > 0 && (space || alone))
            {
                return true;
            }

            _next++;
            if (!space)
            {
                Append(character);
            }

            if (alone)
            {
                return true;
            }
        }

        return _length > 0;
    }

    /// <summary>The next normalized character, which <c>_next++</c> takes.</summary>
    private bool Peek(out int character)
    {
        while (_next == _normalized.Count)
        {
            if (_at == _text.Length)
            {
                character = 0;
                return false;
            }

            _normalized.Clear();
            _next = 0;
            if (Rune.DecodeFromUtf16(_text[_at..], out Rune rune, out int width) != OperationStatus.Done)
            {
                ByteTokenizer.RefuseLoneSurrogate(_text, "wordpiece");
            }

            _from = _at;
            _at += width;
            Normalize(rune.Value);
        }

        character = _normalized[_next];
        return true;
    }

    private void Normalize(int character)
    {
        _apart = false;
        if (character < 0x80 && character >= ' ' && character != 0x7F)
        {
            _normalized.Add(how.Lowercase && character is >= 'A' and <= 'Z' ? character | 0x20 : character);
            return;
        }

        if (how.CleanText && IsControl(character))
        {
            return;
        }

        _apart = how.HandleChineseChars && IsIdeograph(character);
        if (how.StripAccents)
        {
            Decompositions.AddWithoutMarks(character, _normalized);
        }
        else
        {
            _normalized.Add(character);
        }

        for (int i = 0; how.Lowercase && i < _normalized.Count; i++)
        {
            _normalized[i] = Rune.ToLowerInvariant(new Rune(_normalized[i])).Value;
        }
    }

    private void Append(int character)
    {
        if (_length + 2 > _word.Length)
        {
            Array.Resize(ref _word, 2 * _word.Length);
            Array.Resize(ref _starts, _word.Length);
            Array.Resize(ref _ends, _word.Length);
        }

        for (int last = _length + new Rune(character).EncodeToUtf16(_word.AsSpan(_length)); _length < last; _length++)
        {
            (_starts[_length], _ends[_length]) = (_from, _at);
        }
    }

    private static bool IsSpace(int character) => character < 0x10000 && char.IsWhiteSpace((char)character);

    /// <summary>Categories C, and U+FFFD, but not the controls that are white space to BERT.</summary>
    private static bool IsControl(int character) =>
        character is 0 or 0xFFFD
        || (character is not ('\t' or '\n' or '\r') && CharUnicodeInfo.GetUnicodeCategory(character) is >= UnicodeCategory.Control and <= UnicodeCategory.PrivateUse
            or UnicodeCategory.OtherNotAssigned);

    /// <summary>Categories P, and all that is neither letter, digit nor blank in ASCII ($ and + too).</summary>
    private static bool IsPunctuation(int character) => character < 0x80
        ? character is (>= 33 and <= 47) or (>= 58 and <= 64) or (>= 91 and <= 96) or (>= 123 and <= 126)
        : CharUnicodeInfo.GetUnicodeCategory(character) is >= UnicodeCategory.ConnectorPunctuation and <= UnicodeCategory.OtherPunctuation;

    /// <summary>The blocks of CJK ideographs that BERT knows.</summary>
    private static bool IsIdeograph(int character) => character is
        (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F)
        or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B820 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);
}
