using System.Globalization;
using System.Text;

namespace Engine.Pretraining.Chat.Jinja;

/// <summary>What a variable is that nobody has set: empty, false, and a mistake where something is asked of it.</summary>
internal sealed record Undefined(string Name);

/// <summary>A built-in function.</summary>
internal sealed record JinjaFunction(string Name);

/// <summary>A value's method.</summary>
internal sealed record JinjaMethod(object Target, string Name);

/// <summary>What <c>namespace()</c> makes: an object whose members outlive scopes.</summary>
internal sealed class JinjaNamespace
{
    public Dictionary<string, object?> Members { get; } = [];
}

/// <summary>
/// Values as Python has them: null is None, then bool, long, double, string, List (tuples too) and OrderedDictionary with strings as keys.
/// </summary>
internal static class JinjaValues
{
    /// <summary>bool(value).</summary>
    public static bool Truth(object? value) => value switch
    {
        null or Undefined => false,
        bool b => b,
        long n => n != 0,
        double x => x != 0,
        string s => s.Length > 0,
        List<object?> list => list.Count > 0,
        OrderedDictionary<string, object?> map => map.Count > 0,
        _ => true,
    };

    /// <summary>str(value).</summary>
    public static string Text(JinjaContext c, Place place, object? value)
    {
        if (value is string or Undefined)
        {
            return value as string ?? string.Empty;
        }

        StringBuilder text = new();
        Repr(c, place, value, text, 0);
        return text.ToString();
    }

    /// <summary>Whether two values are equal; numbers of any type are, true is 1.</summary>
    public static bool Same(JinjaContext c, Place place, object? a, object? b, int depth = 0)
    {
        Check(c, place, depth);
        c.Charge(place, a is string text ? text.Length : 1);
        if (Number(a) is { } x && Number(b) is { } y)
        {
            return x == y;
        }

        return (a, b) switch
        {
            (List<object?> l, List<object?> m) => l.Count == m.Count && l.Zip(m).All(p => Same(c, place, p.First, p.Second, depth + 1)),
            (OrderedDictionary<string, object?> l, OrderedDictionary<string, object?> m) =>
                l.Count == m.Count && l.All(p => m.TryGetValue(p.Key, out object? other) && Same(c, place, p.Value, other, depth + 1)),
            (Undefined, Undefined) => true,
            _ => Equals(a, b),
        };
    }

    /// <summary>Less than 0, 0 or above, for numbers, for strings, and for lists of them.</summary>
    public static int Compare(JinjaContext c, Place place, object? a, object? b, int depth = 0)
    {
        Check(c, place, depth);
        c.Charge(place, a is string text ? text.Length : 1);
        if (a is List<object?> l && b is List<object?> m)
        {
            int first = l.Zip(m).Select(p => Compare(c, place, p.First, p.Second, depth + 1)).FirstOrDefault(order => order != 0);
            return first != 0 ? first : l.Count.CompareTo(m.Count);
        }

        return a is string s && b is string t ? string.CompareOrdinal(s, t)
            : Number(a) is { } x && Number(b) is { } y ? x.CompareTo(y)
            : throw c.Fail(place, $"{Kind(a)} and {Kind(b)} have no order");
    }

    /// <summary>item in container.</summary>
    public static bool Contains(JinjaContext c, Place place, object? container, object? item)
    {
        c.Charge(place, container is string text ? text.Length : 1);
        return container switch
        {
            string s => item is string t ? s.Contains(t, StringComparison.Ordinal) : throw c.Fail(place, $"{Kind(item)} cannot be in a string"),
            OrderedDictionary<string, object?> map => item is string key && map.ContainsKey(key),
            _ => Items(c, place, container).Any(e => Same(c, place, e, item)),
        };
    }

    /// <summary>What a loop over a value goes through: elements, keys, or characters.</summary>
    public static List<object?> Items(JinjaContext c, Place place, object? value)
    {
        if (value is string or OrderedDictionary<string, object?>)
        {
            c.ChargeElements(place, value is string text ? text.Length : ((OrderedDictionary<string, object?>)value).Count);
        }

        return value switch
        {
            List<object?> list => list,
            OrderedDictionary<string, object?> map => [.. map.Keys],
            string s => [.. s.EnumerateRunes().Select(r => r.ToString())],
            Undefined => [],
            _ => throw c.Fail(place, $"{Kind(value)} has no elements to go through"),
        };
    }

    /// <summary>The number of elements or characters.</summary>
    public static long Length(JinjaContext c, Place place, object? value)
    {
        c.Charge(place, value is string text ? text.Length : 1);
        return value switch
        {
            string s => s.EnumerateRunes().Count(),
            List<object?> list => list.Count,
            OrderedDictionary<string, object?> map => map.Count,
            Undefined => 0,
            _ => throw c.Fail(place, $"{Kind(value)} has no length"),
        };
    }

    /// <summary>A number or a truth value as a number; null if it is neither.</summary>
    public static double? Number(object? value) => value switch
    {
        bool b => b ? 1 : 0,
        long n => n,
        double x => x,
        _ => null,
    };

    /// <summary>What a value is, for messages.</summary>
    public static string Kind(object? value) => value switch
    {
        null => "None",
        Undefined u => $"'{u.Name}', which is not defined,",
        bool => "a truth value",
        long or double => "a number",
        string => "a string",
        List<object?> => "a list",
        OrderedDictionary<string, object?> => "a mapping",
        JinjaNamespace => "a namespace",
        _ => "a function",
    };

    /// <summary>json.dumps(value, ensure_ascii=False, indent=indent).</summary>
    public static void Json(JinjaContext c, Place place, object? value, StringBuilder text, int indent, int depth = 0)
    {
        Check(c, place, depth);
        int before = text.Length;
        switch (value)
        {
            case List<object?> list:
                Nested(list, '[', ']', item => Json(c, place, item, text, indent, depth + 1));
                break;
            case OrderedDictionary<string, object?> map:
                Nested(map, '{', '}', pair =>
                {
                    JsonString(pair.Key, text);
                    text.Append(": ");
                    Json(c, place, pair.Value, text, indent, depth + 1);
                });
                break;
            case string s:
                JsonString(s, text);
                break;
            case null:
                text.Append("null");
                break;
            case bool b:
                text.Append(b ? "true" : "false");
                break;
            case long or double:
                text.Append(value is double x && !double.IsFinite(x) ? double.IsNaN(x) ? "NaN" : x > 0 ? "Infinity" : "-Infinity" : Text(c, place, value));
                break;
            default:
                throw c.Fail(place, $"{Kind(value)} has no form in JSON");
        }

        c.Charge(place, depth == 0 ? text.Length - before : 1);

        void Nested<T>(IReadOnlyCollection<T> items, char open, char close, Action<T> write)
        {
            text.Append(open);
            int n = 0;
            foreach (T item in items)
            {
                text.Append(n++ == 0 ? string.Empty : indent < 0 ? ", " : ",");
                Break(depth + 1);
                write(item);
                c.Charge(place, indent > 0 ? indent * (depth + 1) : 1);
            }

            Break(items.Count > 0 ? depth : -1);
            text.Append(close);
        }

        void Break(int level) => text.Append(indent < 0 || level < 0 ? string.Empty : "\n" + new string(' ', indent * level));
    }

    private static void JsonString(string s, StringBuilder text)
    {
        text.Append('"');
        foreach (char ch in s)
        {
            _ = ch switch
            {
                '"' or '\\' => text.Append('\\').Append(ch),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '\b' => text.Append("\\b"),
                '\f' => text.Append("\\f"),
                < ' ' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)ch:x4}"),
                _ => text.Append(ch),
            };
        }

        text.Append('"');
    }

    private static void Repr(JinjaContext c, Place place, object? value, StringBuilder text, int depth)
    {
        Check(c, place, depth);
        int before = text.Length;
        switch (value)
        {
            case List<object?> list:
                text.Append('[');
                for (int i = 0; i < list.Count; i++)
                {
                    text.Append(i > 0 ? ", " : string.Empty);
                    Repr(c, place, list[i], text, depth + 1);
                }

                text.Append(']');
                break;
            case OrderedDictionary<string, object?> map:
                text.Append('{');
                for (int i = 0; i < map.Count; i++)
                {
                    text.Append(i > 0 ? ", " : string.Empty);
                    ReprString(map.GetAt(i).Key, text);
                    text.Append(": ");
                    Repr(c, place, map.GetAt(i).Value, text, depth + 1);
                }

                text.Append('}');
                break;
            case string s:
                ReprString(s, text);
                break;
            case double x:
                text.Append(Float(x));
                break;
            default:
                text.Append(value switch { null => "None", true => "True", false => "False", long n => n.ToString(CultureInfo.InvariantCulture), Undefined => "Undefined", _ => throw c.Fail(place, $"{Kind(value)} has no text") });
                break;
        }

        c.Charge(place, depth == 0 ? text.Length - before : 1);
    }

    private static void ReprString(string s, StringBuilder text)
    {
        char quote = s.Contains('\'') && !s.Contains('"') ? '"' : '\'';
        text.Append(quote);
        foreach (char ch in s)
        {
            _ = ch switch
            {
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                _ when ch == quote => text.Append('\\').Append(ch),
                < ' ' or '\x7f' => text.Append(CultureInfo.InvariantCulture, $"\\x{(int)ch:x2}"),
                _ => text.Append(ch),
            };
        }

        text.Append(quote);
    }

    // The fewest digits that give the number back; Python has an exponent from 1e16 on, .NET from 1e17.
    private static string Float(double x)
    {
        if (!double.IsFinite(x))
        {
            return double.IsNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
        }

        string text = x.ToString(CultureInfo.InvariantCulture).Replace('E', 'e');
        if (Math.Abs(x) is >= 1e16 and < 1e17)
        {
            int first = x < 0 ? 2 : 1;
            string rest = text[first..].TrimEnd('0');
            text = $"{text[..first]}{(rest.Length > 0 ? "." : string.Empty)}{rest}e+16";
        }

        return text.AsSpan().ContainsAny('.', 'e') ? text : text + ".0";
    }

    private static void Check(JinjaContext c, Place place, int depth)
    {
        c.Charge(place, 1);
        if (depth > JinjaContext.MostDepth)
        {
            throw c.Fail(place, $"values lie in each other more than {JinjaContext.MostDepth} deep");
        }
    }
}
