using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Engine.Pretraining.Logs;
using Engine.Pretraining.Tokenizers.Files;
using Engine.Serialization;

namespace Engine.Pretraining.Tokenizers;

/// <summary>
/// Tokenizers by name, and as JSON: <c>{"kind": "char", "version": 1, …}</c>, or Hugging Face's tokenizer.json for kinds that
/// it knows.
/// </summary>
public static class TokenizerFile
{
    /// <summary>What may stand where a kind could.</summary>
    internal const string FileOrFolder = "the path of a tokenizer's file (.json, .model, .tiktoken, .txt, .bin) or of a model's folder (with a / in it)";

    private const int Version = 1;
    private static readonly string[] s_endings = [".json", ".model", ".tiktoken", ".txt", ".bin"];
    private static readonly JsonWriterOptions s_indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The kinds there are.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["char", "byte", "bpe", SubwordTokenizer.Metaspace, "wordpiece", "word", "unigram"];

    /// <summary>A tokenizer of a kind for a corpus.</summary>
    /// <param name="kind">One of <see cref="Kinds"/>, or the path of a file or a folder that is loaded instead.</param>
    /// <param name="corpus">The text a vocabulary is made from, where the kind has one.</param>
    /// <param name="vocabSize">V with special tokens, where the kind lets one choose; a small corpus may give fewer.</param>
    /// <param name="minFrequency">The fewest occurrences of a pair that is merged (bpe, metaspace, wordpiece) or of a word (word).</param>
    /// <param name="extraIds">The sentinels of bpe, metaspace and unigram.</param>
    /// <param name="progress">Told how far it is; null for nobody.</param>
    /// <exception cref="EngineException">There is no such kind, V has no room for what it must hold, or the corpus is not valid Unicode.</exception>
    public static ITokenizer Create(string kind, ReadOnlySpan<char> corpus, int vocabSize, int minFrequency = 2, int extraIds = 100, IProgress<WorkDone>? progress = null) => kind switch
    {
        "char" => CharTokenizer.FromText(corpus),
        "byte" => new ByteTokenizer(),
        "bpe" => BytePairTokenizer.Train(corpus, vocabSize, minFrequency, extraIds, progress),
        SubwordTokenizer.Metaspace => SubwordTokenizer.TrainMerges(corpus, vocabSize, minFrequency, extraIds, progress: progress),
        "wordpiece" => WordPieceTokenizer.Train(corpus, vocabSize, minFrequency, progress),
        "word" => WordTokenizer.Train(corpus, vocabSize, minFrequency),
        "unigram" => SubwordTokenizer.Train(corpus, vocabSize, extraIds, progress: progress),
        _ when IsFile(kind) => Load(kind),
        _ => throw new EngineException($"tokenizer: unknown kind {kind}; expected one of {string.Join(", ", Kinds)}, or {FileOrFolder}."),
    };

    /// <summary>Whether this names a file or a folder and not a kind: it ends as files of tokenizers do, or has a separator of paths in it.</summary>
    internal static bool IsFile(string kind) => !kind.Contains('\0') && (kind.AsSpan().ContainsAny('/', '\\') || s_endings.Any(e => kind.EndsWith(e, StringComparison.Ordinal)));

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

    /// <summary>
    /// Reads a tokenizer: what <see cref="Save"/> wrote, or a published one: tokenizer.json, SentencePiece's .model, ranks of
    /// tiktoken, vocab.json with merges.txt beside it, vocab.txt, CLIP's list of merges, llama2.c's tokenizer.bin.
    /// </summary>
    /// <param name="path">The file, or a model's folder that holds one.</param>
    /// <exception cref="EngineException">The file is missing or not a tokenizer; names file and fault.</exception>
    public static ITokenizer Load(string path)
    {
        try
        {
            return Directory.Exists(path) ? PublishedFiles.ReadFolder(path) : PublishedFiles.Read(path, File.ReadAllBytes(path));
        }
        catch (DecoderFallbackException e)
        {
            throw new EngineException($"{path}: is not a tokenizer file (it is not UTF-8 text).", e);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw NotATokenizer(path, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
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
                return CharacterVocabulary.TryRead(name, root) ?? HuggingFaceFile.Read(name, root);
            }

            if (root.ValueKind == JsonValueKind.Object && !root.TryGetProperty("kind", out _) && root.EnumerateObject().All(t => t.Value.ValueKind == JsonValueKind.Number))
            {
                return PublishedFiles.ReadVocabulary(name, root);
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
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException or IndexOutOfRangeException)
        {
            throw NotATokenizer(name, e);
        }
    }

    private static EngineException NotATokenizer(string name, Exception e) => new($"{name}: is not a tokenizer file ({e.Message.Split(". ")[0].TrimEnd('.')}).", e);

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
