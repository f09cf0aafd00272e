using System.Globalization;
using System.Text;

namespace Engine.Pretraining.Chat.Jinja;

/// <summary>
/// Cuts a template into tokens, with the options that transformers sets: <c>trim_blocks</c> (the line break behind a block or a comment goes
/// with it) and <c>lstrip_blocks</c> (so do blanks between the beginning of the line and a block). <c>{%-</c> and <c>-%}</c> take all white
/// space, <c>{%+</c> and <c>+%}</c> none. A line break at the end of the template is dropped.
/// </summary>
internal sealed class JinjaLexer
{
    private static readonly string[] s_operators = ["//", "**", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "<", ">", "=", "(", ")", "[", "]", "{", "}", ",", ":", ".", "|"];
    private readonly string _file;
    private readonly string _source;
    private readonly List<JinjaToken> _tokens = [];
    private int _at;
    private int _line = 1;
    private int _lineStart;
    private int _counted;

    private JinjaLexer(string file, string source) => (_file, _source) = (file, source);

    /// <summary>The tokens of a template; the last is <see cref="JinjaTokenKind.End"/>.</summary>
    /// <exception cref="EngineException">Something has no end, or is no token.</exception>
    public static List<JinjaToken> Read(string file, string source)
    {
        string text = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        JinjaLexer lexer = new(file, text.EndsWith('\n') ? text[..^1] : text);
        lexer.Read();
        return lexer._tokens;
    }

    private void Read()
    {
        while (_at < _source.Length)
        {
            int begin = Begin();
            bool isTag = begin < _source.Length;
            char sign = isTag && begin + 2 < _source.Length ? _source[begin + 2] : '\0';
            Data(_source[_at..begin], isTag ? _source[begin + 1] : '\0', sign);
            _at = begin;
            if (isTag)
            {
                Place place = Here();
                char kind = _source[begin + 1];
                _at += 2 + (sign is '-' or '+' ? 1 : 0);
                Tag(kind, place);
            }
        }

        Add(JinjaTokenKind.End, string.Empty, Here());
    }

    private int Begin()
    {
        for (int i = _at; ; i++)
        {
            i = _source.IndexOf('{', i);
            if (i < 0 || i + 1 >= _source.Length)
            {
                return _source.Length;
            }

            if (_source[i + 1] is '{' or '%' or '#')
            {
                return i;
            }
        }
    }

    private void Data(string text, char tag, char sign)
    {
        if (sign == '-' && tag != '\0')
        {
            text = text.TrimEnd();
        }
        else if (tag is '%' or '#' && sign != '+')
        {
            int line = text.LastIndexOf('\n') + 1;
            bool begins = line > 0 || _at == 0 || _source[_at - 1] == '\n';
            text = begins && text.AsSpan(line).Trim(" \t").IsEmpty ? text[..line] : text;
        }

        if (text.Length > 0)
        {
            Add(JinjaTokenKind.Data, text, Here());
        }
    }

    private void Tag(char kind, Place place)
    {
        if (kind == '#')
        {
            int end = _source.IndexOf("#}", _at, StringComparison.Ordinal);
            _at = end >= 0 ? end : throw Fail(place, "a comment has no end '#}'");
            CloseTag(_source[end - 1], 2);
            return;
        }

        string close = kind == '%' ? "%}" : "}}";
        Add(kind == '%' ? JinjaTokenKind.BlockBegin : JinjaTokenKind.PrintBegin, string.Empty, place);
        int depth = 0;
        while (true)
        {
            while (_at < _source.Length && char.IsWhiteSpace(_source[_at]))
            {
                _at++;
            }

            if (_at >= _source.Length)
            {
                throw Fail(place, $"'{{{kind}' has no end '{close}'");
            }

            char sign = _source[_at];
            int signed = sign == '-' || (sign == '+' && kind == '%') ? 1 : 0;
            if (depth == 0 && string.CompareOrdinal(_source, _at + signed, close, 0, 2) == 0)
            {
                Add(kind == '%' ? JinjaTokenKind.BlockEnd : JinjaTokenKind.PrintEnd, string.Empty, Here());
                _at += signed;
                CloseTag(signed > 0 ? sign : '\0', 2, trims: kind == '%');
                return;
            }

            Expression();
            depth += _tokens[^1] is { Kind: JinjaTokenKind.Operator } token ? token.Text is "(" or "[" or "{" ? 1 : token.Text is ")" or "]" or "}" ? -1 : 0 : 0;
            if (depth < 0)
            {
                throw Fail(_tokens[^1].Place, $"{_tokens[^1]} closes nothing");
            }
        }
    }

    private void CloseTag(char sign, int length, bool trims = true)
    {
        _at += length;
        if (sign == '-')
        {
            while (_at < _source.Length && char.IsWhiteSpace(_source[_at]))
            {
                _at++;
            }
        }
        else if (trims && sign != '+' && _at < _source.Length && _source[_at] == '\n')
        {
            _at++;
        }
    }

    private void Expression()
    {
        Place place = Here();
        char c = _source[_at];
        if (c is '\'' or '"')
        {
            Add(JinjaTokenKind.String, String(c, place), place);
            return;
        }

        if (char.IsAsciiDigit(c))
        {
            Number(place);
            return;
        }

        if (char.IsLetter(c) || c == '_')
        {
            Add(JinjaTokenKind.Name, Take(ch => char.IsLetterOrDigit(ch) || ch == '_'), place);
            return;
        }

        string found = s_operators.FirstOrDefault(o => string.CompareOrdinal(_source, _at, o, 0, o.Length) == 0) ?? throw Fail(place, $"unexpected character '{c}'");
        _at += found.Length;
        Add(JinjaTokenKind.Operator, found, place);
    }

    private void Number(Place place)
    {
        int start = _at;
        Take(ch => char.IsAsciiDigit(ch) || ch == '_');
        bool isFloat = false;
        if (_at + 1 < _source.Length && _source[_at] == '.' && char.IsAsciiDigit(_source[_at + 1]))
        {
            _at++;
            Take(char.IsAsciiDigit);
            isFloat = true;
        }

        if (_at + 1 < _source.Length && _source[_at] is 'e' or 'E' && (char.IsAsciiDigit(_source[_at + 1]) || (_source[_at + 1] is '-' or '+' && _at + 2 < _source.Length && char.IsAsciiDigit(_source[_at + 2]))))
        {
            _at += 2;
            Take(char.IsAsciiDigit);
            isFloat = true;
        }

        Add(isFloat ? JinjaTokenKind.Float : JinjaTokenKind.Integer, _source[start.._at].Replace("_", string.Empty, StringComparison.Ordinal), place);
    }

    private string String(char quote, Place place)
    {
        StringBuilder text = new();
        for (_at++; _at < _source.Length; _at++)
        {
            char c = _source[_at];
            if (c == quote)
            {
                _at++;
                return text.ToString();
            }

            if (c != '\\' || _at + 1 >= _source.Length)
            {
                text.Append(c);
                continue;
            }

            c = _source[++_at];
            int digits = c switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
            _ = c switch
            {
                '\n' => text,
                'n' => text.Append('\n'),
                't' => text.Append('\t'),
                'r' => text.Append('\r'),
                'b' => text.Append('\b'),
                'f' => text.Append('\f'),
                '\\' or '\'' or '"' => text.Append(c),
                _ when digits > 0 => text.Append(Escape(digits, place)),
                _ => text.Append('\\').Append(c),
            };
        }

        throw Fail(place, "a string has no end");
    }

    private string Escape(int digits, Place place)
    {
        if (_at + digits < _source.Length && int.TryParse(_source.AsSpan(_at + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value) && Rune.IsValid(value))
        {
            _at += digits;
            return new Rune(value).ToString();
        }

        throw Fail(place, "a string has an escape that names no character");
    }

    private string Take(Predicate<char> wanted)
    {
        int start = _at;
        while (_at < _source.Length && wanted(_source[_at]))
        {
            _at++;
        }

        return _source[start.._at];
    }

    private void Add(JinjaTokenKind kind, string text, Place place) => _tokens.Add(new JinjaToken(kind, text, place));

    private Place Here()
    {
        for (; _counted < _at; _counted++)
        {
            if (_source[_counted] == '\n')
            {
                (_line, _lineStart) = (_line + 1, _counted + 1);
            }
        }

        return new Place(_line, _at - _lineStart + 1);
    }

    private EngineException Fail(Place place, string what) => new($"{_file}, line {place.Line}, column {place.Column}: {what}.");
}
