namespace Engine.Pretraining.Chat.Jinja;

/// <summary>An expression of a template.</summary>
internal abstract class JinjaExpression(Place place)
{
    /// <summary>Where it stands.</summary>
    public Place Place { get; } = place;

    /// <summary>How deep other expressions lie in it, itself included.</summary>
    public int Depth { get; set; } = 1;

    /// <summary>Its value now.</summary>
    public object? Value(JinjaContext c)
    {
        c.Charge(Place, 1);
        return Evaluate(c);
    }

    protected abstract object? Evaluate(JinjaContext c);
}

/// <summary>A number, a string, a truth value or None.</summary>
internal sealed class Constant(Place place, object? value) : JinjaExpression(place)
{
    protected override object? Evaluate(JinjaContext c) => value;
}

/// <summary>A variable.</summary>
internal sealed class Variable(Place place, string name) : JinjaExpression(place)
{
    public string Name => name;

    protected override object? Evaluate(JinjaContext c) => c.Get(name);
}

/// <summary>[a, b] or (a, b).</summary>
internal sealed class ListLiteral(Place place, List<JinjaExpression> items) : JinjaExpression(place)
{
    public List<JinjaExpression> Items => items;

    protected override object? Evaluate(JinjaContext c) => items.ConvertAll(item => item.Value(c));
}

/// <summary>{'a': b}.</summary>
internal sealed class MapLiteral(Place place, List<(JinjaExpression Key, JinjaExpression Value)> items) : JinjaExpression(place)
{
    protected override object? Evaluate(JinjaContext c)
    {
        OrderedDictionary<string, object?> map = [];
        foreach ((JinjaExpression key, JinjaExpression value) in items)
        {
            map[key.Value(c) as string ?? throw c.Fail(key.Place, "a mapping's keys are strings here")] = value.Value(c);
        }

        return map;
    }
}

/// <summary>a if condition else b.</summary>
internal sealed class Conditional(Place place, JinjaExpression condition, JinjaExpression then, JinjaExpression? otherwise) : JinjaExpression(place)
{
    protected override object? Evaluate(JinjaContext c) =>
        JinjaValues.Truth(condition.Value(c)) ? then.Value(c) : otherwise is null ? new Undefined("else") : otherwise.Value(c);
}

/// <summary>a and b, a or b: the operand that decides.</summary>
internal sealed class Logical(Place place, bool isAnd, JinjaExpression left, JinjaExpression right) : JinjaExpression(place)
{
    protected override object? Evaluate(JinjaContext c)
    {
        object? value = left.Value(c);
        return JinjaValues.Truth(value) == isAnd ? right.Value(c) : value;
    }
}

/// <summary>not a.</summary>
internal sealed class Not(Place place, JinjaExpression operand) : JinjaExpression(place)
{
    protected override object? Evaluate(JinjaContext c) => !JinjaValues.Truth(operand.Value(c));
}

/// <summary>a == b &lt; c in d …: each neighbouring pair.</summary>
internal sealed class Comparison(Place place, JinjaExpression first, List<(string Operator, JinjaExpression Operand)> rest) : JinjaExpression(place)
{
    protected override object? Evaluate(JinjaContext c)
    {
        object? left = first.Value(c);
        foreach ((string op, JinjaExpression operand) in rest)
        {
            object? right = operand.Value(c);
            bool holds = op switch
            {
                "==" => JinjaValues.Same(c, Place, left, right),
                "!=" => !JinjaValues.Same(c, Place, left, right),
                "in" => JinjaValues.Contains(c, Place, right, left),
                "not in" => !JinjaValues.Contains(c, Place, right, left),
                "<" => JinjaValues.Compare(c, Place, left, right) < 0,
                "<=" => JinjaValues.Compare(c, Place, left, right) <= 0,
                ">" => JinjaValues.Compare(c, Place, left, right) > 0,
                _ => JinjaValues.Compare(c, Place, left, right) >= 0,
            };
            if (!holds)
            {
                return false;
            }

            left = right;
        }

        return true;
    }
}

/// <summary>a + b and the other operators of two values.</summary>
internal sealed class Binary(Place place, string op, JinjaExpression left, JinjaExpression right) : JinjaExpression(place)
{
    protected override object? Evaluate(JinjaContext c) => JinjaArithmetic.Binary(c, Place, op, left.Value(c), right.Value(c));
}

/// <summary>-a or +a.</summary>
internal sealed class Sign(Place place, bool negative, JinjaExpression operand) : JinjaExpression(place)
{
    protected override object? Evaluate(JinjaContext c) => JinjaArithmetic.Binary(c, Place, negative ? "-" : "+", 0L, operand.Value(c));
}

/// <summary>a.name, a[b] and a[b:c:d].</summary>
internal sealed class Member(Place place, JinjaExpression target, JinjaExpression name, bool isAttribute) : JinjaExpression(place)
{
    protected override object? Evaluate(JinjaContext c) => JinjaMembers.Get(c, Place, target.Value(c), name.Value(c), isAttribute);
}

/// <summary>a[from:to:step].</summary>
internal sealed class Slice(Place place, JinjaExpression target, JinjaExpression? from, JinjaExpression? to, JinjaExpression? step) : JinjaExpression(place)
{
    protected override object? Evaluate(JinjaContext c) => JinjaMembers.Slice(c, Place, target.Value(c), from?.Value(c), to?.Value(c), step?.Value(c));
}

/// <summary>The arguments of a call, a filter or a test.</summary>
internal sealed class Arguments(List<JinjaExpression> values, List<(string Name, JinjaExpression Value)> named)
{
    public static readonly Arguments None = new([], []);

    /// <summary>All of them.</summary>
    public IEnumerable<JinjaExpression> All => values.Concat(named.Select(n => n.Value));

    /// <summary>Their values now.</summary>
    public JinjaArguments Value(JinjaContext c) => new(values.ConvertAll(v => v.Value(c)), named.ConvertAll(n => (n.Name, n.Value.Value(c))));
}

/// <summary>f(a, b=c).</summary>
internal sealed class Call(Place place, JinjaExpression function, Arguments arguments) : JinjaExpression(place)
{
    protected override object? Evaluate(JinjaContext c) => JinjaCalls.Call(c, Place, function.Value(c), arguments.Value(c));
}

/// <summary>a | filter(b).</summary>
internal sealed class Filter(Place place, JinjaExpression operand, string name, Arguments arguments) : JinjaExpression(place)
{
    protected override object? Evaluate(JinjaContext c) => JinjaFilters.Apply(c, Place, name, operand.Value(c), arguments.Value(c));
}

/// <summary>a is test(b).</summary>
internal sealed class Test(Place place, JinjaExpression operand, string name, Arguments arguments, bool negated) : JinjaExpression(place)
{
    protected override object? Evaluate(JinjaContext c) => JinjaTests.Holds(c, Place, name, operand.Value(c), arguments.Value(c)) != negated;
}
