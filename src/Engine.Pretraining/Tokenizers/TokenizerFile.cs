using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Engine.Serialization;

namespace Engine.Pretraining.Tokenizers;

/// <summary>
/// Tokenizers by name, and as JSON: <c>{"kind": "char", "version": 1, …}</c>, or Hugging Face's tokenizer.json for kinds that
/// it knows.
/// </summary>
public static class TokenizerFile
{
    /// <summary>What the name of a tokenizer's file ends in where a kind could stand.</summary>
    public const string Extension = ".json";

    private const int Version = 1;
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly JsonWriterOptions s_indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The kinds there are.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["char", "byte", "bpe", "wordpiece", "word"];

    /// <summary>A tokenizer of a kind for a corpus.</summary>
    /// <param name="kind">One of <see cref="Kinds"/>, or the path of a file that is loaded instead.</param>
    /// <param name="corpus">The text a vocabulary is made from, where the kind has one.</param>
    /// <param name="vocabSize">V with special tokens, where the kind lets one choose; a small corpus may give fewer.</param>
    /// <param name="minFrequency">The fewest occurrences of a pair that is merged (bpe, wordpiece) or of a word (word).</param>
    /// <param name="extraIds">The sentinels of bpe.</param>
    /// <exception cref="EngineException">There is no such kind, V has no room for what it must hold, or the corpus is not valid Unicode.</exception>
    public static ITokenizer Create(string kind, ReadOnlySpan<char> corpus, int vocabSize, int minFrequency = 2, int extraIds = 100) => kind switch
    {
        "char" => CharTokenizer.FromText(corpus),
        "byte" => new ByteTokenizer(),
        "bpe" => BytePairTokenizer.Train(corpus, vocabSize, minFrequency, extraIds),
        "wordpiece" => WordPieceTokenizer.Train(corpus, vocabSize, minFrequency),
        "word" => WordTokenizer.Train(corpus, vocabSize, minFrequency),
        _ when IsFile(kind) => Load(kind),
        _ => throw new EngineException($"tokenizer: unknown kind {kind}; expected one of {string.Join(", ", Kinds)}, or the path of a {Extension} file."),
    };

    /// <summary>Whether this names a file and not a kind.</summary>
    internal static bool IsFile(string kind) => kind.EndsWith(Extension, StringComparison.Ordinal);

    /// <summary>The tokenizer as JSON.</summary>
    public static string ToJson(ITokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream, s_indented))
        {
            writer.WriteStartObject();
            tokenizer.WriteProperties(writer);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    /// <summary>Saves a tokenizer, whole or not at all.</summary>
    /// <exception cref="EngineException">The file cannot be written.</exception>
    public static void Save(ITokenizer tokenizer, string path)
    {
        byte[] json = Encoding.UTF8.GetBytes(ToJson(tokenizer));
        AtomicFile.Write(path, stream => stream.Write(json));
    }

    /// <summary>Reads a tokenizer that <see cref="Save"/> wrote, or a tokenizer.json of Hugging Face.</summary>
    /// <exception cref="EngineException">The file is missing or not a tokenizer; names file and fault.</exception>
    public static ITokenizer Load(string path)
    {
        try
        {
            // Strict: text that is not UTF-8 must not become replacement characters of the vocabulary.
            return Parse(s_strict.GetString(File.ReadAllBytes(path)), path);
        }
        catch (DecoderFallbackException e)
        {
            throw new EngineException($"{path}: is not a tokenizer file (it is not UTF-8 text).", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"{path}: the tokenizer cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads a tokenizer from JSON.</summary>
    /// <param name="json">What <see cref="ToJson"/> returned, or a tokenizer.json of Hugging Face.</param>
    /// <param name="name">The file's name, for messages.</param>
    /// <exception cref="EngineException">It is not a tokenizer; names the fault.</exception>
    public static ITokenizer Parse(string json, string name)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            if (root.TryGetProperty("model", out _))
            {
                return HuggingFaceFile.Read(name, root);
            }

            string kind = root.GetProperty("kind").GetString() ?? string.Empty;
            int version = root.GetProperty("version").GetInt32();
            return (kind, version) switch
            {
                ("char", Version) => CharTokenizer.Read(name, root),
                ("byte", Version) => new ByteTokenizer(),
                _ => throw new EngineException($"{name}: tokenizer kind {kind} version {version} is unknown; this program reads char and byte of version {Version}, and tokenizer.json of Hugging Face."),
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException)
        {
            throw new EngineException($"{name}: is not a tokenizer file ({e.Message.Split(". ")[0].TrimEnd('.')}).", e);
        }
    }

    /// <summary>Begins a tokenizer of a format of our own.</summary>
    internal static void WriteKind(Utf8JsonWriter writer, string kind)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteString("kind", kind);
        writer.WriteNumber("version", Version);
    }

    /// <summary>A number that is equal for tokenizers with the same vocabulary: 64-bit FNV-1a (Fowler, Noll, Vo) of the JSON.</summary>
    public static ulong Fingerprint(ITokenizer tokenizer)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (byte b in Encoding.UTF8.GetBytes(ToJson(tokenizer)))
        {
            hash = (hash ^ b) * 0x100000001B3;
        }

        return hash;
    }
}
