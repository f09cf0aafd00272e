using System.Text.Json;
using System.Text.Unicode;

namespace Engine.Pretraining.Hub;

/// <summary>A folder's <c>config.json</c>: values by key, with sentences that name file and key where one is missing or not what it should be.</summary>
internal sealed class HubJson
{
    private readonly JsonElement _root;

    private HubJson(string path, JsonElement root) => (Path, _root) = (path, root);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="EngineException">It is missing or not a JSON object; names it.</exception>
    public static HubJson Read(string path)
    {
        try
        {
            return Parse(path, File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"{path}: cannot be opened: {e.Message}", e);
        }
    }

    /// <summary>The same from memory, for formats that keep their configuration otherwise.</summary>
    public static HubJson Parse(string path, ReadOnlyMemory<byte> utf8)
    {
        if (!Utf8.IsValid(utf8.Span))
        {
            throw new EngineException($"{path}: is not valid UTF-8 text.");
        }

        try
        {
            using JsonDocument json = JsonDocument.Parse(utf8);
            return json.RootElement.ValueKind == JsonValueKind.Object
                ? new HubJson(path, json.RootElement.Clone())
                : throw new EngineException($"{path}: is not a JSON object.");
        }
        catch (JsonException e)
        {
            throw new EngineException($"{path}: is not valid JSON: {e.Message.TrimEnd('.')}.", e);
        }
    }

    /// <summary>All of it.</summary>
    public JsonElement Root => _root;

    /// <summary>Whether a key is there and not null.</summary>
    public bool Has(string key) => Find(key) is not null;

    /// <summary>The JSON text of a value; null if it is missing or null.</summary>
    public string? Raw(string key) => Find(key)?.GetRawText();

    /// <summary>A whole number of at least 0.</summary>
    public int Size(string key) => Required(key) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out int number) && number >= 0
        ? number
        : throw Fault(key, "a whole number of at least 0");

    /// <summary>A number.</summary>
    public float Number(string key) => Required(key) is { ValueKind: JsonValueKind.Number } value && value.TryGetSingle(out float number) && float.IsFinite(number)
        ? number
        : throw Fault(key, "a finite number");

    /// <summary>A list of numbers.</summary>
    public IReadOnlyList<float> Numbers(string key) => Required(key) is { ValueKind: JsonValueKind.Array } list
        ? [.. list.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Number && item.TryGetSingle(out float number) && float.IsFinite(number) ? number : throw Fault(key, "a list of finite numbers"))]
        : throw Fault(key, "a list of finite numbers");

    /// <summary>A text.</summary>
    public string Text(string key)
    {
        JsonElement value = Required(key);
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Fault(key, "a text");
        }
        catch (InvalidOperationException e)
        {
            // An escape of half a surrogate pair.
            throw new EngineException($"{Path}: {key} is {Raw(key)}, which is not valid Unicode.", e);
        }
    }

    /// <summary>True or false.</summary>
    public bool Flag(string key) => Required(key) is { ValueKind: JsonValueKind.True or JsonValueKind.False } value
        ? value.GetBoolean()
        : throw Fault(key, "true or false");

    /// <summary>The whole numbers of a key that holds one or a list of them; none if it is missing or null.</summary>
    public IReadOnlyList<int> Ids(string key) => Find(key) switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Select(item => item.TryGetInt32(out int id) ? id : throw Fault(key, "a list of token ids"))],
        _ => [Size(key)],
    };

    /// <summary>The sentence for a value that is not what it should be.</summary>
    public EngineException Fault(string key, string expected) => new($"{Path}: {key} is {Raw(key) ?? "missing"}; expected {expected}.");

    // A dot steps into an object: rope_parameters.rope_theta.
    private JsonElement? Find(string key)
    {
        JsonElement at = _root;
        foreach (string part in key.Split('.'))
        {
            if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(part, out at) || at.ValueKind == JsonValueKind.Null)
            {
                return null;
            }
        }

        return at;
    }

    private JsonElement Required(string key) => Find(key) ?? throw new EngineException($"{Path}: the key {key} is missing, which this architecture needs.");
}
