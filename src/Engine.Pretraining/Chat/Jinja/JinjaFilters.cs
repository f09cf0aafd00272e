using System.Globalization;
using System.Text;

namespace Engine.Pretraining.Chat.Jinja;

/// <summary>The filters that a template can apply.</summary>
internal static class JinjaFilters
{
    /// <summary>The names of all filters.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "abs", "capitalize", "count", "d", "default", "first", "float", "indent", "int", "items", "join", "last", "length", "list", "lower", "map",
        "reject", "rejectattr", "replace", "reverse", "safe", "select", "selectattr", "string", "title", "tojson", "trim", "unique", "upper",
    ];

    /// <summary>value | name(arguments).</summary>
    public static object? Apply(JinjaContext c, Place place, string name, object? value, JinjaArguments a)
    {
        c.Charge(place, value is string s ? s.Length : 1);
        if (value is List<object?> elements && name is not ("length" or "count" or "first" or "last"))
        {
            c.ChargeElements(place, elements.Count);
        }

        switch (name)
        {
            case "default" or "d":
                return value is Undefined || (!JinjaValues.Truth(value) && JinjaValues.Truth(a.Get(1, "boolean", false))) ? a.Get(0, "default_value", string.Empty) : value;
            case "length" or "count":
                return JinjaValues.Length(c, place, value);
            case "list":
                return JinjaValues.Items(c, place, value).ToList();
            case "first":
                return JinjaValues.Items(c, place, value).FirstOrDefault(new Undefined("first"));
            case "last":
                return JinjaValues.Items(c, place, value).LastOrDefault(new Undefined("last"));
            case "items":
                return value is OrderedDictionary<string, object?> map ? JinjaCalls.Entries(c, place, map) : value is Undefined ? new List<object?>() : throw c.Fail(place, $"{JinjaValues.Kind(value)} has no items");
            case "join":
                return JinjaCalls.Join(c, place, a.Get(1, "attribute") is string attribute ? Attributes(c, place, value, attribute) : value, a.Text(c, place, 0, "d") ?? string.Empty);
            case "map":
                return a.Named.Any(n => n.Name == "attribute")
                    ? Attributes(c, place, value, a.Text(c, place, int.MaxValue, "attribute")!)
                    : Mapped(c, place, value, a);
            case "select" or "reject":
                return Selected(c, place, value, item => item, a, 0, name == "select");
            case "selectattr" or "rejectattr":
                string by = a.Text(c, place, 0, "attribute") ?? throw c.Fail(place, $"{name} needs the name of an attribute");
                return Selected(c, place, value, item => JinjaMembers.Get(c, place, item, by, isAttribute: false), a, 1, name == "selectattr");
            case "reverse":
                List<object?> backwards = [.. JinjaValues.Items(c, place, value)];
                backwards.Reverse();
                return value is string ? string.Concat(backwards) : backwards;
            case "unique":
                List<object?> seen = [];
                foreach (object? item in JinjaValues.Items(c, place, value).Where(item => !seen.Any(other => JinjaValues.Same(c, place, item, other))))
                {
                    seen.Add(item);
                }

                return seen;
            case "tojson":
                StringBuilder json = new();
                JinjaValues.Json(c, place, value, json, (int)Math.Min(a.Number(c, place, 0, "indent", -1), 1000));
                return json.ToString();
            case "int":
                return Whole(value, a.Get(0, "default", 0L));
            case "float":
                return JinjaValues.Number(value) ?? (double.TryParse(value as string, CultureInfo.InvariantCulture, out double x) ? x : a.Get(0, "default", 0.0));
            case "abs":
                return value switch { long n when n != long.MinValue => (object)Math.Abs(n), double r => Math.Abs(r), _ => throw c.Fail(place, $"{JinjaValues.Kind(value)} has no size") };
        }

        string text = JinjaValues.Text(c, place, value);
        return name switch
        {
            "trim" => JinjaCalls.Strip(text, a.Text(c, place, 0, "chars"), left: true, right: true),
            "upper" => text.ToUpperInvariant(),
            "lower" => text.ToLowerInvariant(),
            "capitalize" => JinjaCalls.Capitalized(text),
            "title" => JinjaCalls.Title(text),
            "replace" => JinjaCalls.Replace(c, place, text, a.Text(c, place, 0, "old"), a.Text(c, place, 1, "new"), a.Number(c, place, 2, "count", -1)),
            "indent" => Indented(c, place, text, a),
            _ => text,
        };
    }

    private static object? Whole(object? value, object? otherwise) => value switch
    {
        long or bool => JinjaValues.Number(value) is { } n && value is bool ? (long)n : value,
        double x when double.IsFinite(x) && Math.Abs(x) < 9e18 => (long)x,
        string s when long.TryParse(s.Trim(), CultureInfo.InvariantCulture, out long n) => n,
        string s when double.TryParse(s.Trim(), CultureInfo.InvariantCulture, out double x) && Math.Abs(x) < 9e18 => (long)x,
        _ => otherwise,
    };

    private static List<object?> Attributes(JinjaContext c, Place place, object? value, string attribute) =>
        JinjaValues.Items(c, place, value).ConvertAll(item => JinjaMembers.Get(c, place, item, attribute, isAttribute: false));

    private static List<object?> Mapped(JinjaContext c, Place place, object? value, JinjaArguments a)
    {
        string filter = a.Text(c, place, 0, "filter") ?? throw c.Fail(place, "map needs the name of a filter, or attribute=");
        if (!Names.Contains(filter) || filter == "map")
        {
            throw c.Fail(place, $"the filter '{filter}' is not known");
        }

        JinjaArguments rest = new(a.Values[1..], a.Named);
        return JinjaValues.Items(c, place, value).ConvertAll(item => Apply(c, place, filter, item, rest));
    }

    private static List<object?> Selected(JinjaContext c, Place place, object? value, Func<object?, object?> of, JinjaArguments a, int first, bool wanted)
    {
        string? test = a.Text(c, place, first, "test");
        JinjaArguments rest = new([.. a.Values.Skip(first + 1)], []);
        return test is null || JinjaTests.Names.Contains(test)
            ? JinjaValues.Items(c, place, value).FindAll(item => wanted == (test is null ? JinjaValues.Truth(of(item)) : JinjaTests.Holds(c, place, test, of(item), rest)))
            : throw c.Fail(place, $"the test '{test}' is not known");
    }

    // Lines but the first, and empty ones, stay as they are unless asked for.
    private static string Indented(JinjaContext c, Place place, string text, JinjaArguments a)
    {
        string margin = a.Get(0, "width", 4L) as string ?? new string(' ', (int)Math.Clamp(a.Number(c, place, 0, "width", 4), 0, 1000));
        (bool first, bool blank) = (JinjaValues.Truth(a.Get(1, "first", false)), JinjaValues.Truth(a.Get(2, "blank", false)));
        string[] lines = text.Split('\n');
        c.Charge(place, text.Length + ((long)lines.Length * margin.Length));
        return string.Join('\n', lines.Select((line, i) => (i == 0 ? first : blank || line.Length > 0) ? margin + line : line));
    }
}
