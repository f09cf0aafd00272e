using System.Text.Json;

namespace Engine.Pretraining.Hub;

/// <summary>
/// The keys of an architecture's <c>config.json</c> and what they are in a model's own configuration: one table, read to load a folder and
/// written to export one.
/// </summary>
/// <typeparam name="T">The model's configuration.</typeparam>
/// <param name="defaults">What keys have that a file may leave out: the defaults of the library that made it.</param>
internal sealed class HubTable<T>(T defaults)
    where T : class
{
    private readonly List<Func<T, HubJson, T>> _reads = [];
    private readonly List<Action<T, HubJson>> _checks = [];
    private readonly List<Action<T, Utf8JsonWriter>> _writes = [];

    /// <summary>A whole number, needed unless it is optional.</summary>
    public HubTable<T> Size(string key, Func<T, int> get, Func<T, int, T> set, bool optional = false) =>
        Row((c, json) => optional && !json.Has(key) ? c : set(c, json.Size(key)), (c, w) => w.WriteNumber(key, get(c)));

    /// <summary>How often a part with tensors of its own repeats; more often than there are tensors is refused before any part is made.</summary>
    public HubTable<T> Repeats(string key, Func<T, int> get, Func<T, int, T> set)
    {
        _ = Size(key, get, set);
        Counts.Add((key, get));
        return this;
    }

    /// <summary>A number that may be missing.</summary>
    public HubTable<T> Number(string key, Func<T, float> get, Func<T, float, T> set) =>
        Row((c, json) => json.Has(key) ? set(c, json.Number(key)) : c, (c, w) => w.WriteNumber(key, get(c)));

    /// <summary>A text that may be missing, in the file's words and in ours.</summary>
    public HubTable<T> Text(string key, Func<T, string> get, Func<T, string, T> set, params (string Theirs, string Ours)[] aliases) =>
        Row(
            (c, json) => json.Has(key) ? set(c, Array.Find(aliases, a => a.Theirs == json.Text(key)).Ours ?? json.Text(key)) : c,
            (c, w) => w.WriteString(key, get(c)));

    /// <summary>A truth that may be missing.</summary>
    public HubTable<T> Flag(string key, Func<T, bool> get, Func<T, bool, T> set) =>
        Row((c, json) => json.Has(key) ? set(c, json.Flag(key)) : c, (c, w) => w.WriteBoolean(key, get(c)));

    /// <summary>A key that this engine's model knows one value of; missing and null are that value.</summary>
    public HubTable<T> Only(string key, string value)
    {
        _checks.Add((_, json) => Require(json, key, value));
        if (value != "null" && !key.Contains('.', StringComparison.Ordinal))
        {
            _writes.Add((_, w) =>
            {
                w.WritePropertyName(key);
                w.WriteRawValue(value);
            });
        }

        return this;
    }

    /// <summary>A key whose value follows from the others.</summary>
    public HubTable<T> Follows(string key, Func<T, int> value)
    {
        _checks.Add((c, json) => Require(json, key, $"{value(c)}"));
        return this;
    }

    /// <summary>A change of what was read, for what is no plain value.</summary>
    public HubTable<T> Then(Func<T, HubJson, T> read, Action<T, Utf8JsonWriter>? write = null) => Row(read, write ?? ((_, _) => { }));

    /// <summary>The counts to check before a model is made.</summary>
    public List<(string Key, Func<T, int> Get)> Counts { get; } = [];

    /// <summary>Reads a configuration.</summary>
    /// <exception cref="EngineException">A key is missing or has a value that the model does not know; names file and key.</exception>
    public T Read(HubJson json)
    {
        T config = _reads.Aggregate(defaults, (c, read) => read(c, json));
        _checks.ForEach(check => check(config, json));
        return config;
    }

    /// <summary>Writes it as properties of an open object.</summary>
    public void Write(T config, Utf8JsonWriter writer) => _writes.ForEach(write => write(config, writer));

    private HubTable<T> Row(Func<T, HubJson, T> read, Action<T, Utf8JsonWriter> write)
    {
        _reads.Add(read);
        _writes.Add(write);
        return this;
    }

    private static void Require(HubJson json, string key, string value)
    {
        if (json.Raw(key) is { } found && found != value)
        {
            throw json.Fault(key, $"{value}, the only value that is supported here");
        }
    }
}
