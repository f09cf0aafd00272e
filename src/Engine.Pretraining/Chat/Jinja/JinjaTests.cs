namespace Engine.Pretraining.Chat.Jinja;

/// <summary>The tests that a template can ask with <c>is</c>.</summary>
internal static class JinjaTests
{
    /// <summary>The names of all tests.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "boolean", "callable", "defined", "divisibleby", "eq", "equalto", "even", "false", "float", "in", "integer", "iterable", "lower", "mapping", "ne", "none",
        "number", "odd", "sequence", "string", "true", "undefined", "upper",
    ];

    /// <summary>value is name(arguments).</summary>
    public static bool Holds(JinjaContext c, Place place, string name, object? value, JinjaArguments a) => name switch
    {
        "defined" => value is not Undefined,
        "undefined" => value is Undefined,
        "none" => value is null,
        "string" => value is string,
        "boolean" => value is bool,
        "true" => value is true,
        "false" => value is false,
        "integer" => value is long,
        "float" => value is double,
        "number" => value is long or double or bool,
        "mapping" => value is OrderedDictionary<string, object?>,
        "iterable" or "sequence" => value is string or List<object?> or OrderedDictionary<string, object?> or Undefined,
        "callable" => value is JinjaFunction or JinjaMethod,
        "in" => JinjaValues.Contains(c, place, a.Get(0, "seq"), value),
        "eq" or "equalto" => JinjaValues.Same(c, place, value, a.Get(0, "other")),
        "ne" => !JinjaValues.Same(c, place, value, a.Get(0, "other")),
        "odd" => Remainder(c, place, value, 2) == 1,
        "even" => Remainder(c, place, value, 2) == 0,
        "divisibleby" => Remainder(c, place, value, a.Number(c, place, 0, "num", 0)) == 0,
        "lower" => value is string s && s.Any(char.IsLower) && !s.Any(char.IsUpper),
        _ => value is string t && t.Any(char.IsUpper) && !t.Any(char.IsLower),
    };

    private static double Remainder(JinjaContext c, Place place, object? value, long by) =>
        JinjaValues.Number(JinjaArithmetic.Binary(c, place, "%", value, by)) ?? 0;
}
