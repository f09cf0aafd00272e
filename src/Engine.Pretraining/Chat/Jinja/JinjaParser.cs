namespace Engine.Pretraining.Chat.Jinja;

/// <summary>
/// Reads a template: text, <c>{{ … }}</c>, and the blocks if, for (with else, break and continue), set and generation. The grammar is that of
/// Jinja 3; what is left out (macro, include, import, filter, raw …) is refused with its place.
/// </summary>
internal sealed partial class JinjaParser
{
    private const int MostDepth = 150;
    private readonly string _file;
    private readonly List<JinjaToken> _tokens;
    private int _at;
    private int _depth;
    private int _loops;

    private JinjaParser(string file, List<JinjaToken> tokens) => (_file, _tokens) = (file, tokens);

    private JinjaToken Now => _tokens[_at];

    /// <summary>The template as a statement.</summary>
    /// <exception cref="EngineException">It is not of the grammar; names file, line and column.</exception>
    public static Body Parse(string file, string source)
    {
        JinjaParser parser = new(file, JinjaLexer.Read(file, source));
        Body body = parser.Statements();
        return parser.Now.Kind == JinjaTokenKind.End ? body : throw parser.Fail(parser._tokens[parser._at + 1], $"{parser._tokens[parser._at + 1]} stands alone");
    }

    // Up to the block that closes or divides the present one, or to the end.
    private Body Statements()
    {
        Place place = Now.Place;
        List<JinjaStatement> statements = [];
        Deeper();
        while (Now.Kind != JinjaTokenKind.End)
        {
            JinjaToken token = Now;
            if (token.Kind == JinjaTokenKind.Data)
            {
                _at++;
                statements.Add(new Data(token.Place, token.Text));
            }
            else if (token.Kind == JinjaTokenKind.PrintBegin)
            {
                _at++;
                statements.Add(new Print(token.Place, Tuple()));
                Expect(JinjaTokenKind.PrintEnd);
            }
            else if (IsEnd(_tokens[_at + 1]))
            {
                break;
            }
            else
            {
                _at++;
                statements.Add(Block(token.Place));
            }
        }

        _depth--;
        return new Body(place, statements);
    }

    private static bool IsEnd(JinjaToken token) =>
        token.Text is "elif" or "else" || token.Text.StartsWith("end", StringComparison.Ordinal);

    private JinjaStatement Block(Place place)
    {
        JinjaToken name = Expect(JinjaTokenKind.Name);
        switch (name.Text)
        {
            case "if":
                return IfBlock(place);
            case "for":
                return ForBlock(place);
            case "set":
                return SetBlock(place);
            case "generation":
                Expect(JinjaTokenKind.BlockEnd);
                Body words = Statements();
                Close(name, "endgeneration");
                return new Generation(place, words);
            case "break" or "continue" when _loops > 0:
                Expect(JinjaTokenKind.BlockEnd);
                return new Jump(place, name.Text == "break" ? Flow.Break : Flow.Continue);
            case "break" or "continue":
                throw Fail(name, $"{name} stands outside of a loop");
            default:
                throw Fail(name, $"the block {name} is not known here; if, for, set, generation, break and continue are");
        }
    }

    private If IfBlock(Place place)
    {
        JinjaToken opened = _tokens[_at - 1];
        List<(JinjaExpression?, Body)> branches = [];
        JinjaExpression? condition = Tuple(conditional: false);
        while (true)
        {
            Expect(JinjaTokenKind.BlockEnd);
            branches.Add((condition, Statements()));
            if (condition is null || !(Peek("elif") || Peek("else")))
            {
                Close(opened, "endif");
                return new If(place, branches);
            }

            bool isElif = Peek("elif");
            _at += 2;
            condition = isElif ? Tuple(conditional: false) : null;
        }
    }

    private For ForBlock(Place place)
    {
        JinjaToken opened = _tokens[_at - 1];
        Target target = Targets(withMembers: false);
        ExpectText("in");
        JinjaExpression items = Tuple(conditional: false);
        JinjaExpression? condition = Skip("if") ? Expression() : null;
        Expect(JinjaTokenKind.BlockEnd);
        _loops++;
        Body body = Statements();
        _loops--;
        Body? otherwise = null;
        if (Peek("else"))
        {
            _at += 2;
            Expect(JinjaTokenKind.BlockEnd);
            otherwise = Statements();
        }

        Close(opened, "endfor");
        return new For(place, target, items, condition, body, otherwise);
    }

    private JinjaStatement SetBlock(Place place)
    {
        JinjaToken opened = _tokens[_at - 1];
        Target target = Targets(withMembers: true);
        if (Skip("="))
        {
            JinjaExpression value = Tuple();
            Expect(JinjaTokenKind.BlockEnd);
            return new Set(place, target, value);
        }

        Expect(JinjaTokenKind.BlockEnd);
        int loops = _loops;
        _loops = 0;
        Body body = Statements();
        _loops = loops;
        Close(opened, "endset");
        return new SetText(place, target, body);
    }

    private Target Targets(bool withMembers)
    {
        bool inside = Skip("(");
        JinjaToken first = Expect(JinjaTokenKind.Name);
        if (withMembers && Skip("."))
        {
            return new Target(first.Place, [first.Text], Expect(JinjaTokenKind.Name).Text);
        }

        List<string> names = [first.Text];
        while (Skip(","))
        {
            names.Add(Expect(JinjaTokenKind.Name).Text);
        }

        if (inside)
        {
            ExpectText(")");
        }

        return new Target(first.Place, names);
    }

    private bool Peek(string block) => Now.Kind == JinjaTokenKind.BlockBegin && _tokens[_at + 1].Is(block);

    private void Close(JinjaToken opened, string end)
    {
        if (!Peek(end))
        {
            throw Fail(opened, Now.Kind == JinjaTokenKind.End ? $"{opened} has no {end}" : $"{opened} meets {_tokens[_at + 1]} in line {Now.Place.Line} before its {end}");
        }

        _at += 2;
        Expect(JinjaTokenKind.BlockEnd);
    }

    private bool Skip(string text)
    {
        bool found = Now.Is(text);
        _at += found ? 1 : 0;
        return found;
    }

    private JinjaToken Expect(JinjaTokenKind kind)
    {
        JinjaToken token = Now;
        _at += token.Kind == kind ? 1 : throw Fail(token, $"{token} is unexpected; expected {(kind == JinjaTokenKind.Name ? "a name" : new JinjaToken(kind, string.Empty, default))}");
        return token;
    }

    private void ExpectText(string text)
    {
        if (!Skip(text))
        {
            throw Fail(Now, $"{Now} is unexpected; expected '{text}'");
        }
    }

    private void Deeper()
    {
        if (++_depth > MostDepth)
        {
            throw TooDeep();
        }
    }

    private EngineException TooDeep() => Fail(Now, $"blocks and expressions lie in each other more than {MostDepth} deep");

    private EngineException Fail(JinjaToken token, string what) => new($"{_file}, line {token.Place.Line}, column {token.Place.Column}: {what}.");
}
