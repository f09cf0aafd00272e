using System.Text;

namespace Engine.Pretraining.Chat.Jinja;

/// <summary>The functions and methods that a template can call. None of them reads or changes anything outside of the template.</summary>
internal static class JinjaCalls
{
    private static readonly HashSet<string> s_textMethods =
        ["strip", "lstrip", "rstrip", "startswith", "endswith", "split", "upper", "lower", "capitalize", "title", "replace", "find", "count", "join"];

    private static readonly HashSet<string> s_mapMethods = ["get", "items", "keys", "values"];

    /// <summary>The names of all functions.</summary>
    public static IReadOnlySet<string> Functions { get; } = new HashSet<string> { "range", "namespace", "dict", "raise_exception" };

    /// <summary>Whether a value has a method of this name.</summary>
    public static bool HasMethod(object? value, string name) => value switch
    {
        string => s_textMethods.Contains(name),
        OrderedDictionary<string, object?> => s_mapMethods.Contains(name),
        _ => false,
    };

    /// <summary>function(arguments).</summary>
    public static object? Call(JinjaContext c, Place place, object? function, JinjaArguments a) => function switch
    {
        JinjaFunction f => Function(c, place, f.Name, a),
        JinjaMethod { Target: string s, Name: var name } => Text(c, place, s, name, a),
        JinjaMethod { Target: OrderedDictionary<string, object?> map, Name: var name } => Map(c, place, map, name, a),
        _ => throw c.Fail(place, $"{JinjaValues.Kind(function)} cannot be called"),
    };

    /// <summary>Python's str.strip and its one-sided forms.</summary>
    public static string Strip(string s, string? characters, bool left, bool right)
    {
        ReadOnlySpan<char> text = s;
        int start = 0;
        int end = text.Length;
        while (left && start < end && Goes(text[start]))
        {
            start++;
        }

        while (right && end > start && Goes(text[end - 1]))
        {
            end--;
        }

        return s[start..end];

        bool Goes(char ch) => characters is null ? char.IsWhiteSpace(ch) : characters.Contains(ch);
    }

    /// <summary>The first letter large, the others small.</summary>
    public static string Capitalized(string s) => s.Length == 0 ? s : char.ToUpperInvariant(s[0]) + s[1..].ToLowerInvariant();

    /// <summary>Each word's first letter large.</summary>
    public static string Title(string s)
    {
        StringBuilder text = new(s.Length);
        foreach (char ch in s)
        {
            text.Append(text.Length > 0 && char.IsLetter(text[^1]) ? char.ToLowerInvariant(ch) : char.ToUpperInvariant(ch));
        }

        return text.ToString();
    }

    /// <summary>str.replace.</summary>
    public static string Replace(JinjaContext c, Place place, string s, string? old, string? by, long count)
    {
        if (old is null || by is null)
        {
            throw c.Fail(place, "replace needs two strings");
        }

        if (old.Length == 0)
        {
            throw c.Fail(place, "replace needs a string that is not empty");
        }

        StringBuilder text = new();
        int at = 0;
        for (int next; count != 0 && (next = s.IndexOf(old, at, StringComparison.Ordinal)) >= 0; count--)
        {
            c.Charge(place, next - at + by.Length + 1);
            text.Append(s, at, next - at).Append(by);
            at = next + old.Length;
        }

        return text.Append(s, at, s.Length - at).ToString();
    }

    /// <summary>The elements as text with something between them.</summary>
    public static string Join(JinjaContext c, Place place, object? items, string between)
    {
        StringBuilder text = new();
        List<object?> all = JinjaValues.Items(c, place, items);
        for (int i = 0; i < all.Count; i++)
        {
            string item = JinjaValues.Text(c, place, all[i]);
            c.Charge(place, item.Length + between.Length);
            text.Append(i > 0 ? between : string.Empty).Append(item);
        }

        return text.ToString();
    }

    private static object? Function(JinjaContext c, Place place, string name, JinjaArguments a)
    {
        c.ChargeElements(place, a.Get(0, string.Empty) is OrderedDictionary<string, object?> map ? map.Count : 1);
        switch (name)
        {
            case "raise_exception":
                throw c.Fail(place, $"the template refuses this conversation: {JinjaValues.Text(c, place, a.Get(0, "message", string.Empty)).TrimEnd('.')}");
            case "range":
                return Range(c, place, a);
            case "namespace":
                JinjaNamespace space = new();
                foreach ((string key, object? value) in Pairs(c, place, a))
                {
                    space.Members[key] = value;
                }

                return space;
            default:
                return new OrderedDictionary<string, object?>(Pairs(c, place, a).Select(p => KeyValuePair.Create(p.Name, p.Value)).DistinctBy(p => p.Key));
        }
    }

    private static IEnumerable<(string Name, object? Value)> Pairs(JinjaContext c, Place place, JinjaArguments a) => a.Values switch
    {
        [] => a.Named,
        [OrderedDictionary<string, object?> map] => a.Named.Concat(map.Select(p => (p.Key, p.Value)).ExceptBy(a.Named.Select(n => n.Name), p => p.Key)),
        _ => throw c.Fail(place, "expected arguments with names"),
    };

    private static List<object?> Range(JinjaContext c, Place place, JinjaArguments a)
    {
        bool one = a.Values.Count == 1;
        long from = one ? 0 : a.Number(c, place, 0, "start", 0);
        long to = a.Number(c, place, one ? 0 : 1, "stop", 0);
        long step = a.Number(c, place, 2, "step", 1);
        if (a.Values.Count is 0 or > 3 || step == 0)
        {
            throw c.Fail(place, "range takes one to three whole numbers, the step not 0");
        }

        List<object?> numbers = [];
        for (Int128 i = from; step > 0 ? i < to : i > to; i += step)
        {
            c.ChargeElements(place, 1);
            numbers.Add((long)i);
        }

        return numbers;
    }

    private static object? Map(JinjaContext c, Place place, OrderedDictionary<string, object?> map, string name, JinjaArguments a) => name switch
    {
        "get" => a.Get(0, "key") is string key && map.TryGetValue(key, out object? value) ? value : a.Get(1, "default"),
        "items" => Entries(c, place, map),
        "keys" => JinjaValues.Items(c, place, map),
        _ => Entries(c, place, map).ConvertAll(entry => ((List<object?>)entry!)[1]),
    };

    /// <summary>The keys and values of a mapping, in lists of two.</summary>
    public static List<object?> Entries(JinjaContext c, Place place, OrderedDictionary<string, object?> map)
    {
        c.ChargeElements(place, 2L * map.Count);
        return [.. map.Select(p => (object?)new List<object?> { p.Key, p.Value })];
    }

    private static object? Text(JinjaContext c, Place place, string s, string name, JinjaArguments a)
    {
        c.Charge(place, s.Length);
        switch (name)
        {
            case "strip" or "lstrip" or "rstrip":
                return Strip(s, a.Text(c, place, 0, "chars"), name != "rstrip", name != "lstrip");
            case "startswith" or "endswith":
                return (a.Get(0, "prefix") is List<object?> several ? several : [a.Get(0, "prefix")]).Any(prefix => prefix is not string p
                    ? throw c.Fail(place, $"{name} needs a string, not {JinjaValues.Kind(prefix)}")
                    : name == "startswith" ? s.StartsWith(p, StringComparison.Ordinal) : s.EndsWith(p, StringComparison.Ordinal));
            case "split":
                return Split(c, place, s, a.Text(c, place, 0, "sep"), a.Number(c, place, 1, "maxsplit", -1));
            case "upper":
                return s.ToUpperInvariant();
            case "lower":
                return s.ToLowerInvariant();
            case "capitalize":
                return Capitalized(s);
            case "title":
                return Title(s);
            case "replace":
                return Replace(c, place, s, a.Text(c, place, 0, "old"), a.Text(c, place, 1, "new"), a.Number(c, place, 2, "count", -1));
            case "join":
                return Join(c, place, a.Get(0, "iterable"), s);
        }

        string part = a.Text(c, place, 0, "sub") is { Length: > 0 } given ? given : throw c.Fail(place, $"{name} needs a string that is not empty");
        int at = s.IndexOf(part, StringComparison.Ordinal);
        return name == "count" ? (s.Length - s.Replace(part, string.Empty, StringComparison.Ordinal).Length) / (long)part.Length
            : at < 0 ? -1L : JinjaValues.Length(c, place, s[..at]);
    }

    private static List<object?> Split(JinjaContext c, Place place, string s, string? separator, long most)
    {
        int parts = most < 0 || most >= int.MaxValue ? int.MaxValue : (int)most + 1;
        if (separator is { Length: 0 })
        {
            throw c.Fail(place, "split needs a separator that is not empty");
        }

        if (separator is not null)
        {
            string[] pieces = s.Split(separator, parts);
            c.ChargeElements(place, pieces.Length);
            return [.. pieces];
        }

        // White space of any length; what is behind the last cut keeps its own.
        List<object?> words = [];
        for (int at = Skip(0); at < s.Length;)
        {
            int end = at;
            bool isLast = words.Count + 1 == parts;
            while (end < s.Length && (isLast || !char.IsWhiteSpace(s[end])))
            {
                end++;
            }

            words.Add(s[at..end]);
            c.ChargeElements(place, 1);
            at = Skip(end);
        }

        return words;

        int Skip(int from)
        {
            while (from < s.Length && char.IsWhiteSpace(s[from]))
            {
                from++;
            }

            return from;
        }
    }
}
