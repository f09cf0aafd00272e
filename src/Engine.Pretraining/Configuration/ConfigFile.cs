using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Engine.Pretraining.Configuration;

/// <summary>
/// Configuration as JSON: one flat object of keys from <see cref="ConfigFields"/>. Comments and trailing commas are
/// allowed, since people write it by hand; unknown and repeated keys are not. Keys left out keep the preset's values.
/// </summary>
public static class ConfigFile
{
    /// <summary>A configuration larger than this is some other file given by mistake.</summary>
    private const long MaxBytes = 1 << 20;

    private static readonly JsonWriterOptions s_indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The entries of a file, in its order.</summary>
    /// <exception cref="EngineException">The file cannot be read, is not a flat JSON object, or repeats a key; names file and line.</exception>
    public static IReadOnlyList<ConfigEntry> ReadEntries(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (Directory.Exists(path))
        {
            throw new EngineException($"{path}: is a folder, expected a JSON file of configuration keys.");
        }

        try
        {
            FileInfo info = new(path);
            return info.Exists && info.Length > MaxBytes
                ? throw new EngineException($"{path}: has {Bytes.Format(info.Length)}, too much for a configuration.")
                : ParseEntries(File.ReadAllBytes(path), path);
        }
        catch (FileNotFoundException e)
        {
            throw new EngineException($"{path}: there is no such configuration file.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"{path}: cannot be read: {e.Message}", e);
        }
    }

    /// <summary>A configuration from a file: the preset it names (or the default), then its other keys.</summary>
    /// <exception cref="EngineException">As <see cref="ReadEntries"/> and <see cref="PretrainConfig.With"/>.</exception>
    public static PretrainConfig Load(string path) => FromEntries(ReadEntries(path), null);

    /// <summary>A configuration from the text of a file: the preset it names (or the default), then its other keys.</summary>
    /// <param name="json">UTF-8 JSON.</param>
    /// <param name="name">The file's name, for messages.</param>
    /// <exception cref="EngineException">As <see cref="ReadEntries"/> and <see cref="PretrainConfig.With"/>.</exception>
    public static PretrainConfig Parse(ReadOnlySpan<byte> json, string name) => FromEntries(ParseEntries(json, name), null);

    /// <summary>
    /// A configuration from entries. The preset is <paramref name="preset"/>, or the one the entries name, or the default.
    /// </summary>
    /// <exception cref="EngineException">The two name different presets, or as <see cref="PretrainConfig.With"/>.</exception>
    public static PretrainConfig FromEntries(IReadOnlyList<ConfigEntry> entries, string? preset)
    {
        ArgumentNullException.ThrowIfNull(entries);
        foreach (ConfigEntry entry in entries)
        {
            if (entry.Key == "preset")
            {
                if (preset is not null && preset != entry.Text)
                {
                    throw new EngineException($"{entry.Where}: preset = {entry.Text} contradicts --preset {preset}; give one of them.");
                }

                preset = Presets.Get(entry.Text, entry.Where).Preset;
            }
        }

        return Presets.Get(preset ?? Presets.Default, "command line").With(entries);
    }

    /// <summary>All keys of a configuration as indented JSON.</summary>
    public static string Print(PretrainConfig config)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream, s_indented))
        {
            Write(writer, config);
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    /// <summary>All keys of a configuration as one JSON object.</summary>
    public static void Write(Utf8JsonWriter writer, PretrainConfig config)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        foreach (ConfigField field in ConfigFields.All)
        {
            writer.WritePropertyName(field.Key);
            if (field.Kind == LiteralKind.Quoted)
            {
                writer.WriteStringValue(field.Get(config));
            }
            else
            {
                writer.WriteRawValue(field.Get(config));
            }
        }

        writer.WriteEndObject();
    }

    private static List<ConfigEntry> ParseEntries(ReadOnlySpan<byte> json, string name)
    {
        if (json.StartsWith("\uFEFF"u8))
        {
            json = json[3..];
        }

        Utf8JsonReader reader = new(json, new JsonReaderOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
        List<ConfigEntry> entries = [];
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                throw new EngineException($"{name}:1: expected a JSON object of configuration keys.");
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string key = reader.GetString() ?? string.Empty;
                string where = $"{name}:{Line(json, reader.TokenStartIndex)}";
                if (entries.Exists(e => e.Key == key))
                {
                    throw new EngineException($"{where}: the key {key} is given twice.");
                }

                reader.Read();
                entries.Add(Entry(key, where, ref reader));
            }

            reader.Read();
        }
        catch (JsonException e)
        {
            throw new EngineException($"{name}:{(e.LineNumber ?? 0) + 1}: is not valid JSON: {FirstSentence(e.Message)}", e);
        }
        catch (InvalidOperationException e)
        {
            // Utf8JsonReader says so of text that is not UTF-8.
            throw new EngineException($"{name}: is not valid JSON: {e.Message}", e);
        }

        return entries;
    }

    private static ConfigEntry Entry(string key, string where, ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => new ConfigEntry(key, reader.GetString() ?? string.Empty, LiteralKind.Quoted, where),
        JsonTokenType.Number => new ConfigEntry(key, Encoding.UTF8.GetString(reader.ValueSpan), LiteralKind.Number, where),
        JsonTokenType.True => new ConfigEntry(key, "true", LiteralKind.Flag, where),
        JsonTokenType.False => new ConfigEntry(key, "false", LiteralKind.Flag, where),
        JsonTokenType.Null => throw new EngineException($"{where}: {key} = null is not allowed; leave the key out to keep its default."),
        _ => throw new EngineException($"{where}: {key} has {(reader.TokenType == JsonTokenType.StartArray ? "an array" : "an object")} as value; expected one number, text, true or false."),
    };

    private static int Line(ReadOnlySpan<byte> json, long position) => 1 + json[..(int)position].Count((byte)'\n');

    /// <summary>System.Text.Json ends its messages with its own position, which the caller has already named.</summary>
    private static string FirstSentence(string message)
    {
        int end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? message : message[..end];
    }
}
