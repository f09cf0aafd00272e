using System.Text;
using System.Text.Json;

namespace Engine.Pretraining.Tokenizers.Files;

/// <summary>
/// Finds out which of the formats of published tokenizers a file or a model's folder holds. A folder may hold the same
/// vocabulary in several; tokenizer.json says most and comes first.
/// </summary>
internal static class PublishedFiles
{
    private static readonly string[] s_names =
    [
        "tokenizer.json", "tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "spm.model", "vocab.json", "encoder.json", "vocab.txt", "tokenizer.bin",
    ];

    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The tokenizer of a folder.</summary>
    /// <exception cref="EngineException">It holds none.</exception>
    public static ITokenizer ReadFolder(string folder)
    {
        return Find(folder) is { } path
            ? TokenizerFile.Load(path)
            : throw new EngineException($"{folder}: holds no tokenizer; looked for {string.Join(", ", s_names)} and *.tiktoken and tokNUMBER.bin.");
    }

    /// <summary>The file of a folder's tokenizer; null if it holds none.</summary>
    internal static string? Find(string folder) => Array.Find(Array.ConvertAll(s_names, n => Path.Combine(folder, n)), File.Exists)
        ?? Directory.EnumerateFiles(folder, "*.tiktoken").Order(StringComparer.Ordinal).FirstOrDefault()
        ?? Directory.EnumerateFiles(folder, "tok*.bin").Order(StringComparer.Ordinal).FirstOrDefault(IsNumberedLlama2C);

    // Of stories260K: tok512.bin, by the size of its vocabulary.
    private static bool IsNumberedLlama2C(string path) => Path.GetFileNameWithoutExtension(path) is { Length: > 3 } name && name.AsSpan(3).IndexOfAnyExceptInRange('0', '9') < 0;

    /// <summary>The tokenizer of a file, by its contents and name.</summary>
    /// <param name="path">The file.</param>
    /// <param name="file">Its bytes.</param>
    /// <exception cref="EngineException">It is none; names the fault and its place.</exception>
    public static ITokenizer Read(string path, byte[] file)
    {
        string name = Path.GetFileName(path);
        if (file is [0x1F, 0x8B, ..])
        {
            file = BytePairFiles.Unzip(path, file);
        }

        if (name.EndsWith(".bin", StringComparison.Ordinal))
        {
            return Llama2CFile.Read(path, file);
        }

        if (name.EndsWith(".tiktoken", StringComparison.Ordinal))
        {
            return BytePairFiles.ReadTiktoken(path, file);
        }

        if (name.EndsWith(".model", StringComparison.Ordinal))
        {
            // Llama 3 has ranks of tiktoken under this name; a SentencePiece model begins with the tag of its first piece.
            return file is [0x0A or 0x12 or 0x1A, ..] ? SentencePieceFile.Read(path, file) : BytePairFiles.ReadTiktoken(path, file);
        }

        // Strict: text that is not UTF-8 must not become replacement characters of the vocabulary.
        string text = s_strict.GetString(file);
        return text.StartsWith("\"bpe_simple_vocab", StringComparison.Ordinal) ? BytePairFiles.ReadClip(path, text)
            : IsMerges(name, text) ? ReadPair(path, text, Sibling(path, "vocab.json", "encoder.json"))
            : name.EndsWith(".txt", StringComparison.Ordinal) ? ReadWordPieces(path, text)
            : TokenizerFile.Parse(text, path);
    }

    /// <summary>The tokenizer of a vocab.json, which is half of one.</summary>
    internal static ITokenizer ReadVocabulary(string path, JsonElement vocab)
    {
        string merges = Sibling(path, "merges.txt", "vocab.bpe");
        return BytePairFiles.Read(path, merges, s_strict.GetString(File.ReadAllBytes(merges)), vocab);
    }

    private static bool IsMerges(string name, string text) => name is "merges.txt" or "vocab.bpe" || text.StartsWith("#version", StringComparison.Ordinal);

    private static BytePairTokenizer ReadPair(string path, string merges, string vocabulary)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(vocabulary));
        return BytePairFiles.Read(vocabulary, path, merges, document.RootElement);
    }

    /// <summary>BERT's vocab.txt: a token a line, its number is its id. Whether letters become lower case stands in tokenizer_config.json.</summary>
    private static WordPieceTokenizer ReadWordPieces(string path, string text)
    {
        string[] lines = text.TrimEnd('\n', '\r').Split('\n');
        AddedTokens special = [];
        for (int id = 0; id < lines.Length; id++)
        {
            lines[id] = lines[id].TrimEnd('\r');
            if (lines[id] is "[PAD]" or "[UNK]" or "[CLS]" or "[SEP]" or "[MASK]")
            {
                special[id] = lines[id];
            }
        }

        VocabularyTable table = VocabularyTable.Of(path, lines.Select((t, id) => (t, id)), special);
        if (!table.Has("[UNK]"))
        {
            throw new EngineException($"{path}: is not a vocabulary of word pieces: no line is [UNK].");
        }

        SpecialTokens roles = SpecialTokens.ByName(special);
        bool lower = LowerCases(Path.Combine(Path.GetDirectoryName(path) ?? string.Empty, "tokenizer_config.json"));
        return new WordPieceTokenizer(
            table.Tokens, special, table.Id(path, "[UNK]"), BertNormalization.Uncased with { Lowercase = lower, StripAccents = lower },
            roles is { Cls: int cls, Sep: int sep } ? new SequenceTemplate([cls], [sep]) : SequenceTemplate.None);
    }

    private static bool LowerCases(string config)
    {
        if (!File.Exists(config))
        {
            return true;
        }

        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(config));
        return !HuggingFaceFile.Is(document.RootElement, "do_lower_case", false);
    }

    private static string Sibling(string path, params ReadOnlySpan<string> names)
    {
        string folder = Path.GetDirectoryName(path) ?? string.Empty;
        foreach (string name in names)
        {
            string there = Path.Combine(folder, name);
            if (File.Exists(there))
            {
                return there;
            }
        }

        throw new EngineException($"{path}: is half of a tokenizer; its other half, {string.Join(" or ", names.ToArray())}, is not beside it.");
    }
}
