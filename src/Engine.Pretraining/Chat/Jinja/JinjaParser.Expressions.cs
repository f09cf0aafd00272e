using System.Globalization;

namespace Engine.Pretraining.Chat.Jinja;

/// <content>Expressions, from what binds least to what binds most.</content>
internal sealed partial class JinjaParser
{
    // One expression, or several with commas, which are a list.
    private JinjaExpression Tuple(bool conditional = true)
    {
        JinjaToken first = Now;
        JinjaExpression one = conditional ? Expression() : Or();
        if (!Now.Is(","))
        {
            return one;
        }

        List<JinjaExpression> items = [one];
        while (Skip(",") && Now.Kind is not (JinjaTokenKind.BlockEnd or JinjaTokenKind.PrintEnd) && !Now.Is(")"))
        {
            items.Add(conditional ? Expression() : Or());
        }

        return Made(new ListLiteral(first.Place, items), items);
    }

    private JinjaExpression Expression()
    {
        Deeper();
        JinjaExpression value = Or();
        while (Now.Is("if"))
        {
            Place place = Now.Place;
            _at++;
            JinjaExpression condition = Or();
            JinjaExpression? otherwise = Skip("else") ? Expression() : null;
            value = Made(new Conditional(place, condition, value, otherwise), [condition, value, otherwise]);
        }

        _depth--;
        return value;
    }

    private JinjaExpression Or()
    {
        JinjaExpression left = And();
        while (Now.Is("or"))
        {
            Place place = _tokens[_at++].Place;
            JinjaExpression right = And();
            left = Made(new Logical(place, isAnd: false, left, right), [left, right]);
        }

        return left;
    }

    private JinjaExpression And()
    {
        JinjaExpression left = Inverted();
        while (Now.Is("and"))
        {
            Place place = _tokens[_at++].Place;
            JinjaExpression right = Inverted();
            left = Made(new Logical(place, isAnd: true, left, right), [left, right]);
        }

        return left;
    }

    private JinjaExpression Inverted()
    {
        JinjaToken token = Now;
        if (!Skip("not"))
        {
            return Compared();
        }

        Deeper();
        JinjaExpression operand = Inverted();
        _depth--;
        return Made(new Not(token.Place, operand), [operand]);
    }

    private JinjaExpression Compared()
    {
        Place place = Now.Place;
        JinjaExpression first = Binary(0);
        List<(string, JinjaExpression)> rest = [];
        while (true)
        {
            string? op = Now is { Kind: JinjaTokenKind.Operator, Text: "==" or "!=" or "<" or "<=" or ">" or ">=" } || Now.Is("in") ? Now.Text
                : Now.Is("not") && _tokens[_at + 1].Is("in") ? "not in" : null;
            if (op is null)
            {
                return rest.Count > 0 ? Made(new Comparison(place, first, rest), [first, .. rest.Select(r => r.Item2)]) : first;
            }

            _at += op == "not in" ? 2 : 1;
            rest.Add((op, Binary(0)));
        }
    }

    // Sums, then ~, then products, then powers.
    private JinjaExpression Binary(int level)
    {
        if (level == 4)
        {
            return Signed(filtered: true);
        }

        JinjaExpression left = Binary(level + 1);
        while (Now.Kind == JinjaTokenKind.Operator && (level, Now.Text) is (0, "+" or "-") or (1, "~") or (2, "*" or "/" or "//" or "%") or (3, "**"))
        {
            JinjaToken op = _tokens[_at++];
            JinjaExpression right = Binary(level + 1);
            left = Made(new Binary(op.Place, op.Text, left, right), [left, right]);
        }

        return left;
    }

    private JinjaExpression Signed(bool filtered)
    {
        JinjaToken token = Now;
        JinjaExpression value;
        if (token.Kind == JinjaTokenKind.Operator && token.Text is "-" or "+")
        {
            _at++;
            Deeper();
            JinjaExpression operand = Signed(filtered: false);
            value = Made(new Sign(token.Place, token.Text == "-", operand), [operand]);
            _depth--;
        }
        else
        {
            value = Postfix(Primary());
        }

        return filtered ? Filtered(value) : value;
    }

    private JinjaExpression Primary()
    {
        JinjaToken token = Now;
        _at++;
        switch (token.Kind)
        {
            case JinjaTokenKind.Name:
                return token.Text switch
                {
                    "true" or "True" => new Constant(token.Place, true),
                    "false" or "False" => new Constant(token.Place, false),
                    "none" or "None" => new Constant(token.Place, null),
                    "and" or "or" or "not" or "in" or "is" or "if" or "else" => throw Fail(token, $"{token} is unexpected; expected a value"),
                    _ => new Variable(token.Place, token.Text),
                };
            case JinjaTokenKind.String:
                string text = token.Text;
                while (Now.Kind == JinjaTokenKind.String)
                {
                    text += _tokens[_at++].Text;
                }

                return new Constant(token.Place, text);
            case JinjaTokenKind.Integer:
                return new Constant(token.Place, long.TryParse(token.Text, CultureInfo.InvariantCulture, out long n) ? n : throw Fail(token, "a number has more than 64 bits"));
            case JinjaTokenKind.Float:
                return new Constant(token.Place, double.Parse(token.Text, CultureInfo.InvariantCulture));
            case JinjaTokenKind.Operator when token.Text is "(" or "[" or "{":
                Deeper();
                JinjaExpression inner = token.Text == "{" ? Map(token.Place) : token.Text == "[" ? List(token.Place) : Parenthesis(token.Place);
                _depth--;
                return inner;
            default:
                throw Fail(token, $"{token} is unexpected; expected a value");
        }
    }

    private JinjaExpression Parenthesis(Place place)
    {
        if (Skip(")"))
        {
            return new ListLiteral(place, []);
        }

        JinjaExpression inner = Tuple();
        ExpectText(")");
        return inner;
    }

    private ListLiteral List(Place place)
    {
        List<JinjaExpression> items = [];
        while (!Skip("]"))
        {
            items.Add(Expression());
            if (!Now.Is("]"))
            {
                ExpectText(",");
            }
        }

        return Made(new ListLiteral(place, items), items);
    }

    private MapLiteral Map(Place place)
    {
        List<(JinjaExpression, JinjaExpression)> items = [];
        while (!Skip("}"))
        {
            JinjaExpression key = Expression();
            ExpectText(":");
            items.Add((key, Expression()));
            if (!Now.Is("}"))
            {
                ExpectText(",");
            }
        }

        return Made(new MapLiteral(place, items), items.SelectMany(i => new[] { i.Item1, i.Item2 }));
    }

    private JinjaExpression Postfix(JinjaExpression value)
    {
        while (true)
        {
            JinjaToken token = Now;
            if (Skip("."))
            {
                JinjaToken name = Now;
                _at += name.Kind is JinjaTokenKind.Name or JinjaTokenKind.Integer ? 1 : throw Fail(name, $"{name} is unexpected; expected the name of a member");
                object key = name.Kind == JinjaTokenKind.Name ? name.Text : long.TryParse(name.Text, CultureInfo.InvariantCulture, out long n) ? n : throw Fail(name, "a number has more than 64 bits");
                value = Made(new Member(token.Place, value, new Constant(name.Place, key), isAttribute: true), [value]);
            }
            else if (Skip("["))
            {
                value = Subscript(token.Place, value);
            }
            else if (Skip("("))
            {
                value = Called(token.Place, value);
            }
            else
            {
                return value;
            }
        }
    }

    private JinjaExpression Subscript(Place place, JinjaExpression target)
    {
        JinjaExpression?[] parts = new JinjaExpression?[3];
        int colons = 0;
        while (!Now.Is("]"))
        {
            if (Skip(":"))
            {
                colons += colons < 2 ? 1 : throw Fail(Now, "a slice has too many parts");
                continue;
            }

            parts[colons] = parts[colons] is null ? Expression() : throw Fail(Now, $"{Now} is unexpected; expected ']'");
        }

        ExpectText("]");
        return colons > 0 ? Made(new Slice(place, target, parts[0], parts[1], parts[2]), [target, .. parts])
            : Made(new Member(place, target, parts[0] ?? throw Fail(Now, "an element has no number or name"), isAttribute: false), [target, parts[0]]);
    }

    private Call Called(Place place, JinjaExpression function)
    {
        Arguments arguments = CallArguments();
        return Made(new Call(place, function, arguments), [function, .. arguments.All]);
    }

    private Arguments CallArguments()
    {
        List<JinjaExpression> values = [];
        List<(string, JinjaExpression)> named = [];
        while (!Skip(")"))
        {
            if (Now.Kind == JinjaTokenKind.Name && _tokens[_at + 1].Is("="))
            {
                string name = Now.Text;
                _at += 2;
                named.Add((name, Expression()));
            }
            else
            {
                values.Add(named.Count == 0 ? Expression() : throw Fail(Now, "an argument without a name stands behind one with a name"));
            }

            if (!Now.Is(")"))
            {
                ExpectText(",");
            }
        }

        return new Arguments(values, named);
    }

    private JinjaExpression Filtered(JinjaExpression value)
    {
        while (true)
        {
            JinjaToken token = Now;
            if (Skip("|"))
            {
                JinjaToken name = Expect(JinjaTokenKind.Name);
                Known(name, "filter", JinjaFilters.Names);
                Arguments arguments = Skip("(") ? CallArguments() : Arguments.None;
                value = Made(new Filter(token.Place, value, name.Text, arguments), [value, .. arguments.All]);
            }
            else if (Skip("is"))
            {
                bool negated = Skip("not");
                JinjaToken name = Now;
                _at += name.Kind == JinjaTokenKind.Name ? 1 : throw Fail(name, $"{name} is unexpected; expected the name of a test");
                Known(name, "test", JinjaTests.Names);
                Arguments arguments = TestArguments();
                value = Made(new Test(token.Place, value, name.Text, arguments, negated), [value, .. arguments.All]);
            }
            else if (Skip("("))
            {
                value = Called(token.Place, value);
            }
            else
            {
                return value;
            }
        }
    }

    private Arguments TestArguments()
    {
        if (Skip("("))
        {
            return CallArguments();
        }

        bool begins = Now.Kind is JinjaTokenKind.String or JinjaTokenKind.Integer or JinjaTokenKind.Float || Now.Is("[") || Now.Is("{")
            || (Now.Kind == JinjaTokenKind.Name && Now.Text is not ("else" or "or" or "and" or "if" or "in" or "not" or "is"));
        return begins ? new Arguments([Postfix(Primary())], []) : Arguments.None;
    }

    private void Known(JinjaToken name, string what, IReadOnlyList<string> names)
    {
        if (!names.Contains(name.Text))
        {
            throw Fail(name, $"the {what} {name} is not known here; {string.Join(", ", names)} are");
        }
    }

    // Chains nest as deep as they are long, so the recursion of parsing alone does not bound that of evaluating.
    private T Made<T>(T expression, IEnumerable<JinjaExpression?> parts)
        where T : JinjaExpression
    {
        expression.Depth = 1 + parts.Select(p => p?.Depth ?? 0).DefaultIfEmpty().Max();
        return expression.Depth <= MostDepth ? expression : throw TooDeep();
    }
}
