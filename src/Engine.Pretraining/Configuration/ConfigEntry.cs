namespace Engine.Pretraining.Configuration;

/// <summary>How a configuration value was written, which decides the types it may stand for.</summary>
public enum LiteralKind
{
    /// <summary>A word of the command line: may be of any type.</summary>
    Bare,

    /// <summary>A JSON number.</summary>
    Number,

    /// <summary>A JSON string; <see cref="ConfigEntry.Text"/> is its content without quotes.</summary>
    Quoted,

    /// <summary>A JSON <c>true</c> or <c>false</c>.</summary>
    Flag,
}

/// <summary>One <c>key = value</c> as somebody wrote it, with the place to name when it is wrong.</summary>
/// <param name="Key">The key in snake case.</param>
/// <param name="Text">The value as written, without quotes.</param>
/// <param name="Kind">How it was written.</param>
/// <param name="Where">For messages: <c>file:line</c> or <c>command line</c>.</param>
public readonly record struct ConfigEntry(string Key, string Text, LiteralKind Kind, string Where)
{
    /// <summary><see cref="Where"/> without the line.</summary>
    public string Place => Kind == LiteralKind.Bare ? Where : Where[..Where.LastIndexOf(':')];

    /// <summary>An entry of the command line. Dashes inside the key count as underscores.</summary>
    public static ConfigEntry FromCommandLine(string key, string value)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new ConfigEntry(key.TrimStart('-').Replace('-', '_'), value, LiteralKind.Bare, "command line");
    }
}
