namespace Engine.Pretraining.Chat.Jinja;

/// <summary>How a statement ends.</summary>
internal enum Flow
{
    Next,
    Continue,
    Break,
}

/// <summary>Something a template does.</summary>
internal abstract class JinjaStatement(Place place)
{
    /// <summary>Where it stands.</summary>
    public Place Place { get; } = place;

    /// <summary>Does it.</summary>
    public abstract Flow Run(JinjaContext c);
}

/// <summary>Statements one after another.</summary>
internal sealed class Body(Place place, List<JinjaStatement> statements) : JinjaStatement(place)
{
    public override Flow Run(JinjaContext c)
    {
        foreach (JinjaStatement statement in statements)
        {
            c.Charge(statement.Place, 1);
            if (statement.Run(c) is var flow and not Flow.Next)
            {
                return flow;
            }
        }

        return Flow.Next;
    }
}

/// <summary>Text as it stands.</summary>
internal sealed class Data(Place place, string text) : JinjaStatement(place)
{
    public override Flow Run(JinjaContext c)
    {
        c.Write(Place, text);
        return Flow.Next;
    }
}

/// <summary>{{ value }}.</summary>
internal sealed class Print(Place place, JinjaExpression value) : JinjaStatement(place)
{
    public override Flow Run(JinjaContext c)
    {
        c.Write(Place, JinjaValues.Text(c, Place, value.Value(c)));
        return Flow.Next;
    }
}

/// <summary>{% if %}, {% elif %}, {% else %}: the first body whose condition holds.</summary>
internal sealed class If(Place place, List<(JinjaExpression? Condition, Body Body)> branches) : JinjaStatement(place)
{
    public override Flow Run(JinjaContext c)
    {
        foreach ((JinjaExpression? condition, Body body) in branches)
        {
            if (condition is null || JinjaValues.Truth(condition.Value(c)))
            {
                return body.Run(c);
            }
        }

        return Flow.Next;
    }
}

/// <summary>{% for targets in items if condition %}, with a scope for each element and <c>loop</c> in it.</summary>
internal sealed class For(Place place, Target target, JinjaExpression items, JinjaExpression? condition, Body body, Body? otherwise) : JinjaStatement(place)
{
    public override Flow Run(JinjaContext c)
    {
        List<object?> all = Chosen(c);
        Flow flow = Flow.Next;
        for (int i = 0; i < all.Count && flow != Flow.Break; i++)
        {
            c.Charge(Place, 16);
            c.Push();
            c.Set("loop", Loop(all, i));
            target.Set(c, all[i]);
            flow = body.Run(c);
            c.Pop();
        }

        return all.Count == 0 && otherwise is not null ? otherwise.Run(c) : Flow.Next;
    }

    private static OrderedDictionary<string, object?> Loop(List<object?> all, int i) => new()
    {
        ["index0"] = (long)i,
        ["index"] = i + 1L,
        ["revindex0"] = all.Count - i - 1L,
        ["revindex"] = (long)(all.Count - i),
        ["first"] = i == 0,
        ["last"] = i == all.Count - 1,
        ["length"] = (long)all.Count,
        ["previtem"] = i > 0 ? all[i - 1] : new Undefined("loop.previtem"),
        ["nextitem"] = i < all.Count - 1 ? all[i + 1] : new Undefined("loop.nextitem"),
    };

    private List<object?> Chosen(JinjaContext c)
    {
        List<object?> all = JinjaValues.Items(c, Place, items.Value(c));
        if (condition is null)
        {
            return all;
        }

        List<object?> chosen = [];
        c.Push();
        foreach (object? item in all)
        {
            target.Set(c, item);
            if (JinjaValues.Truth(condition.Value(c)))
            {
                chosen.Add(item);
            }
        }

        c.Pop();
        return chosen;
    }
}

/// <summary>{% break %} and {% continue %}.</summary>
internal sealed class Jump(Place place, Flow flow) : JinjaStatement(place)
{
    public override Flow Run(JinjaContext c) => flow;
}

/// <summary>{% set targets = value %}.</summary>
internal sealed class Set(Place place, Target target, JinjaExpression value) : JinjaStatement(place)
{
    public override Flow Run(JinjaContext c)
    {
        target.Set(c, value.Value(c));
        return Flow.Next;
    }
}

/// <summary>{% set name %} … {% endset %}: what the body writes.</summary>
internal sealed class SetText(Place place, Target target, Body body) : JinjaStatement(place)
{
    public override Flow Run(JinjaContext c)
    {
        string text = c.Capture(() =>
        {
            c.Push();
            body.Run(c);
            c.Pop();
        });
        target.Set(c, text);
        return Flow.Next;
    }
}

/// <summary>{% generation %} … {% endgeneration %}: the assistant's words, which training counts.</summary>
internal sealed class Generation(Place place, Body body) : JinjaStatement(place)
{
    public override Flow Run(JinjaContext c)
    {
        int start = c.Output.Length;
        c.Push();
        Flow flow = body.Run(c);
        c.Pop();
        if (c.IsText)
        {
            c.Generations.Add((start, c.Output.Length));
        }

        return flow;
    }
}

/// <summary>What a loop or an assignment gives a value to: names, or a member of a namespace.</summary>
/// <param name="Place">Where it stands.</param>
/// <param name="Names">One name, or several that take a list apart.</param>
/// <param name="Member">The namespace's member, if it is one.</param>
internal sealed record Target(Place Place, IReadOnlyList<string> Names, string? Member = null)
{
    /// <summary>Sets it.</summary>
    public void Set(JinjaContext c, object? value)
    {
        if (Member is not null)
        {
            JinjaNamespace space = c.Get(Names[0]) as JinjaNamespace ?? throw c.Fail(Place, $"'{Names[0]}' is not a namespace, whose members alone can be set");
            space.Members[Member] = value;
        }
        else if (Names.Count == 1)
        {
            c.Set(Names[0], value);
        }
        else
        {
            List<object?> items = JinjaValues.Items(c, Place, value);
            if (items.Count != Names.Count)
            {
                throw c.Fail(Place, $"{items.Count} values for {Names.Count} names");
            }

            for (int i = 0; i < items.Count; i++)
            {
                c.Set(Names[i], items[i]);
            }
        }
    }
}
