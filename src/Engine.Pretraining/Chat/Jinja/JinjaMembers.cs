namespace Engine.Pretraining.Chat.Jinja;

/// <summary>Attributes, elements and stretches of values.</summary>
internal static class JinjaMembers
{
    /// <summary>value.name or value[name]; undefined if it has no such member.</summary>
    public static object? Get(JinjaContext c, Place place, object? value, object? name, bool isAttribute)
    {
        if (value is Undefined undefined)
        {
            throw c.Fail(place, $"'{undefined.Name}' is not defined, so it has no {JinjaValues.Text(c, place, name)}");
        }

        // As in Jinja, an attribute looks for methods first, an element for keys.
        string? key = name as string;
        if (isAttribute && key is not null && JinjaCalls.HasMethod(value, key))
        {
            return new JinjaMethod(value!, key);
        }

        object? found = (value, name) switch
        {
            (OrderedDictionary<string, object?> map, string k) => map.TryGetValue(k, out object? item) ? item : new Undefined(k),
            (JinjaNamespace space, string k) => space.Members.TryGetValue(k, out object? item) ? item : new Undefined(k),
            (List<object?> list, long i) => At(list, i),
            (string s, long i) => At(JinjaValues.Items(c, place, s), i),
            _ => new Undefined(key ?? "element"),
        };
        return found is Undefined && key is not null && JinjaCalls.HasMethod(value, key) ? new JinjaMethod(value!, key) : found;
    }

    /// <summary>value[from:to:step], as Python cuts.</summary>
    public static object Slice(JinjaContext c, Place place, object? value, object? from, object? to, object? step)
    {
        if (value is string plain && step is null && !plain.AsSpan().ContainsAnyInRange('\ud800', '\udfff'))
        {
            c.Charge(place, plain.Length);
            int begin = (int)Bound(from, 0, plain.Length);
            return plain[begin..(int)Math.Max(begin, Bound(to, plain.Length, plain.Length))];
        }

        List<object?> items = value is string or List<object?> ? JinjaValues.Items(c, place, value) : throw c.Fail(place, $"{JinjaValues.Kind(value)} cannot be cut");
        c.ChargeElements(place, items.Count);
        long by = Whole(step) ?? 1;
        if (by == 0)
        {
            throw c.Fail(place, "the step of a slice is 0");
        }

        (long low, long high) = by > 0 ? (0L, (long)items.Count) : (-1L, items.Count - 1L);
        long i = Whole(from) is { } first ? Math.Clamp(first < 0 ? first + items.Count : first, low, high) : by > 0 ? low : high;
        long end = Whole(to) is { } last ? Math.Clamp(last < 0 ? last + items.Count : last, low, high) : by > 0 ? high : low;
        List<object?> taken = [];
        by = Math.Clamp(by, -items.Count - 1, items.Count + 1);
        for (; by > 0 ? i < end : i > end; i += by)
        {
            taken.Add(items[(int)i]);
        }

        return value is string ? string.Concat(taken) : taken;

        long Bound(object? bound, long otherwise, int length) => Whole(bound) is { } given ? Math.Clamp(given < 0 ? given + length : given, 0, length) : otherwise;

        long? Whole(object? bound) => bound switch
        {
            null => null,
            long n => Math.Clamp(n, int.MinValue, int.MaxValue),
            bool b => b ? 1 : 0,
            _ => throw c.Fail(place, $"{JinjaValues.Kind(bound)} is no bound of a slice"),
        };
    }

    private static object? At(List<object?> items, long i)
    {
        long at = i < 0 ? i + items.Count : i;
        return at >= 0 && at < items.Count ? items[(int)at] : new Undefined("element");
    }
}
