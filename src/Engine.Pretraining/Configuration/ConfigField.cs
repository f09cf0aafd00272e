namespace Engine.Pretraining.Configuration;

/// <summary>One row of the configuration table: everything that parsing, checking, printing and help need to know of a key.</summary>
public abstract class ConfigField
{
    private protected ConfigField(string key, string doc, bool freeOnResume, IReadOnlyList<string> only)
    {
        Only = only;
        Key = key;
        Doc = doc;
        FreeOnResume = freeOnResume;
    }

    /// <summary>The key in snake case.</summary>
    public string Key { get; }

    /// <summary>What it means, with its unit and the source of its default.</summary>
    public string Doc { get; }

    /// <summary>Whether a resumed run may change it; all other keys are what the run is, and stay.</summary>
    public bool FreeOnResume { get; }

    /// <summary>The objectives and models that read the key; empty if all do. Setting it for others is an error.</summary>
    public IReadOnlyList<string> Only { get; }

    /// <summary>Type and range, for example <c>a whole number from 1 to 1024</c>.</summary>
    public abstract string Allowed { get; }

    /// <summary>How JSON writes the value.</summary>
    public abstract LiteralKind Kind { get; }

    /// <summary>The value in <paramref name="config"/> as text.</summary>
    public abstract string Get(PretrainConfig config);

    /// <summary><paramref name="config"/> with this field set.</summary>
    /// <exception cref="EngineException">The value is of the wrong type or out of range; names place, key, value and what is allowed.</exception>
    public abstract PretrainConfig Set(PretrainConfig config, in ConfigEntry entry);
}

/// <summary>A row with its type.</summary>
internal sealed class ConfigField<T>(
    string key, ValueType<T> type, Func<PretrainConfig, T> get, Func<PretrainConfig, T, PretrainConfig> set, string doc, bool freeOnResume, IReadOnlyList<string> only)
    : ConfigField(key, doc, freeOnResume, only)
{
    public override string Allowed => type.Allowed;

    public override LiteralKind Kind => type.Kind;

    public override string Get(PretrainConfig config) => type.Format(get(config));

    public override PretrainConfig Set(PretrainConfig config, in ConfigEntry entry)
    {
        bool written = entry.Kind == LiteralKind.Bare || entry.Kind == type.Kind;
        return written && type.TryParse(entry.Text, out T value)
            ? set(config, value)
            : throw new EngineException(
                $"{entry.Where}: {Key} = {(entry.Kind == LiteralKind.Quoted ? $"\"{entry.Text}\"" : entry.Text)} is not allowed; expected {type.Allowed}.");
    }
}
