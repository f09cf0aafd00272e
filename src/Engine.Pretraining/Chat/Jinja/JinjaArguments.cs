namespace Engine.Pretraining.Chat.Jinja;

/// <summary>The arguments of a call as values, by place and by name.</summary>
internal sealed record JinjaArguments(List<object?> Values, List<(string Name, object? Value)> Named)
{
    /// <summary>The argument at a place or of a name; <paramref name="otherwise"/> if it is not given.</summary>
    public object? Get(int place, string name, object? otherwise = null) =>
        place < Values.Count ? Values[place] : Named.Where(n => n.Name == name).Select(n => n.Value).FirstOrDefault(otherwise);

    /// <summary>A string; null if it is not given or None.</summary>
    public string? Text(JinjaContext c, Place at, int place, string name) => Get(place, name) switch
    {
        null => null,
        string s => s,
        var other => throw c.Fail(at, $"{name} is {JinjaValues.Kind(other)}, expected a string"),
    };

    /// <summary>A whole number.</summary>
    public long Number(JinjaContext c, Place at, int place, string name, long otherwise) => Get(place, name, otherwise) switch
    {
        long n => n,
        bool b => b ? 1 : 0,
        null => otherwise,
        var other => throw c.Fail(at, $"{name} is {JinjaValues.Kind(other)}, expected a whole number"),
    };
}
