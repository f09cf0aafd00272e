using System.Text.Json;
using Engine.Pretraining.Tokenizers.Files;
using Engine.Pretraining.Tokenizers.Normalization;

namespace Engine.Pretraining.Tokenizers;

/// <summary>
/// Hugging Face's tokenizer.json, which is also how checkpoints keep tokenizers with a vocabulary. Read are byte-level BPE, BPE
/// and Unigram in the manner of SentencePiece (<see cref="HuggingFacePipeline"/>), WordPiece as BERT's and WordLevel split at white
/// space; anything else a file asks for is refused by name, since it would give other tokens.
/// </summary>
internal static class HuggingFaceFile
{
    /// <summary>Writes byte-level BPE.</summary>
    public static void Write(Utf8JsonWriter writer, BytePairTokenizer tokenizer)
    {
        WriteHead(writer, tokenizer.Special);
        BytePairSettings how = tokenizer.Settings;
        Normalizer.Write(writer, how.Normalizers);
        how.Pattern.Write(writer);
        HuggingFacePipeline.Write(writer, how.Template, tokenizer.Special);
        writer.WritePropertyName("decoder");
        PiecePattern.WriteByteLevel(writer, useRegex: true);
        writer.WriteStartObject("model");
        writer.WriteString("type", "BPE");
        writer.WriteNull("dropout");
        writer.WriteNull("unk_token");
        writer.WriteNull("continuing_subword_prefix");
        writer.WriteString("end_of_word_suffix", how.Suffixed is null ? null : ClipPattern.Suffix);
        writer.WriteBoolean("fuse_unk", false);
        writer.WriteBoolean("byte_fallback", false);
        writer.WriteBoolean("ignore_merges", how.IgnoreMerges);
        WriteVocab(writer, tokenizer.VocabSize, tokenizer.Spelling);
        writer.WriteStartArray("merges");
        foreach (Merge merge in tokenizer.Merges)
        {
            writer.WriteStringValue($"{tokenizer.Spelling(merge.Left)} {tokenizer.Spelling(merge.Right)}");
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Writes WordPiece.</summary>
    public static void Write(Utf8JsonWriter writer, WordPieceTokenizer tokenizer)
    {
        WriteHead(writer, tokenizer.Special);
        writer.WriteStartObject("normalizer");
        writer.WriteString("type", "BertNormalizer");
        writer.WriteBoolean("clean_text", tokenizer.Normalization.CleanText);
        writer.WriteBoolean("handle_chinese_chars", tokenizer.Normalization.HandleChineseChars);
        writer.WriteBoolean("strip_accents", tokenizer.Normalization.StripAccents);
        writer.WriteBoolean("lowercase", tokenizer.Normalization.Lowercase);
        writer.WriteEndObject();
        WriteType(writer, "pre_tokenizer", "BertPreTokenizer");
        WriteBertProcessing(writer, tokenizer);
        writer.WriteStartObject("decoder");
        writer.WriteString("type", "WordPiece");
        writer.WriteString("prefix", WordPieceTokenizer.Continuing);
        writer.WriteBoolean("cleanup", true);
        writer.WriteEndObject();
        writer.WriteStartObject("model");
        writer.WriteString("type", "WordPiece");
        writer.WriteString("unk_token", tokenizer.Spelling(tokenizer.Unknown));
        writer.WriteString("continuing_subword_prefix", WordPieceTokenizer.Continuing);
        writer.WriteNumber("max_input_chars_per_word", WordPieceTokenizer.MaxWord);
        WriteVocab(writer, tokenizer.VocabSize, tokenizer.Spelling);
        writer.WriteEndObject();
    }

    /// <summary>Writes words.</summary>
    public static void Write(Utf8JsonWriter writer, WordTokenizer tokenizer)
    {
        WriteHead(writer, tokenizer.Special);
        writer.WriteNull("normalizer");
        WriteType(writer, "pre_tokenizer", "WhitespaceSplit");
        writer.WriteNull("post_processor");
        writer.WriteNull("decoder");
        writer.WriteStartObject("model");
        writer.WriteString("type", "WordLevel");
        WriteVocab(writer, tokenizer.VocabSize, tokenizer.Spelling);
        writer.WriteString("unk_token", tokenizer.Spelling(tokenizer.Unknown));
        writer.WriteEndObject();
    }

    /// <summary>Reads a tokenizer; the caller turns what System.Text.Json throws into a sentence.</summary>
    /// <param name="name">The file's name, for messages.</param>
    /// <param name="root">The file.</param>
    /// <exception cref="EngineException">The file asks for what is not known here, or contradicts itself.</exception>
    public static ITokenizer Read(string name, JsonElement root)
    {
        JsonElement model = root.GetProperty("model");

        // Files of before there were other models do not name BPE.
        string? type = Text(model, "type") ?? (model.TryGetProperty("merges", out _) ? "BPE" : null);
        VocabularyTable vocabulary = VocabularyTable.Read(name, root, model.GetProperty("vocab"), unigram: type == "Unigram");
        return type switch
        {
            "BPE" when IsByteLevel(root) => ReadBytePair(name, root, model, vocabulary),
            "BPE" or "Unigram" => HuggingFacePipeline.Read(name, root, model, vocabulary),
            "WordPiece" => ReadWordPiece(name, root, model, vocabulary),
            "WordLevel" => ReadWords(name, root, model, vocabulary),
            string other => throw Unknown(name, "model", other),
            null => throw Unknown(name, "model", "nothing"),
        };
    }

    private static bool IsByteLevel(JsonElement root) => root.TryGetProperty("pre_tokenizer", out JsonElement cut) && cut.ValueKind == JsonValueKind.Object
        && HuggingFacePipeline.Steps(cut, "pretokenizers").Any(s => Text(s, "type") == "ByteLevel");

    private static BytePairTokenizer ReadBytePair(string name, JsonElement root, JsonElement model, VocabularyTable vocabulary)
    {
        PiecePattern pattern = ReadPattern(name, root.GetProperty("pre_tokenizer"));
        Refuse(name, model, "byte_fallback", true);
        string suffix = Text(model, "end_of_word_suffix") is { Length: > 0 } found ? found : string.Empty;
        if ((suffix.Length > 0 && suffix != ClipPattern.Suffix) || Text(model, "continuing_subword_prefix") is { Length: > 0 })
        {
            throw Unknown(name, "end_of_word_suffix", suffix);
        }

        BytePairSettings how = new(pattern)
        {
            IgnoreMerges = Is(model, "ignore_merges", true),
            Normalizers = HuggingFacePipeline.ReadNormalizers(name, root),
            Template = HuggingFacePipeline.ReadTemplate(name, root, vocabulary.Special),
        };
        return BytePairFiles.Build(name, vocabulary, HuggingFacePipeline.Merges(name, model), how, suffix.Length > 0);
    }

    /// <summary>ByteLevel cuts as GPT-2 unless it is told not to; then a Split before it has cut.</summary>
    private static PiecePattern ReadPattern(string name, JsonElement cut)
    {
        JsonElement[] steps = HuggingFacePipeline.Steps(cut, "pretokenizers");
        bool split = steps.Length == 2 && Text(steps[0], "type") == "Split";
        if (!split && steps.Length != 1)
        {
            throw Unknown(name, "pre_tokenizer", "a sequence other than Split and ByteLevel");
        }

        bool clip = split && Text(steps[0], "behavior") == "Removed" && Is(steps[0], "invert", true);
        if (split && !clip && (Text(steps[0], "behavior") != "Isolated" || Is(steps[0], "invert", true)))
        {
            throw Unknown(name, "behavior of Split", Text(steps[0], "behavior") ?? "nothing");
        }

        Refuse(name, steps[^1], "add_prefix_space", true);
        if (!split)
        {
            Refuse(name, steps[0], "use_regex", false);
            return new Gpt2Pattern();
        }

        // CLIP's pieces stay what they are if GPT-2's expression cuts them once more.
        if (!clip)
        {
            Refuse(name, steps[1], "use_regex", true);
        }

        string regex = Text(steps[0].GetProperty("pattern"), "Regex") ?? "no regular expression";
        return (clip ? regex == ClipPattern.Regex ? new ClipPattern() : null : PiecePattern.ByRegex(regex)) ?? throw Unknown(name, "Split", regex);
    }

    private static WordPieceTokenizer ReadWordPiece(string name, JsonElement root, JsonElement model, VocabularyTable vocabulary)
    {
        JsonElement normalizer = Expect(name, root, "normalizer", "BertNormalizer");
        Expect(name, root, "pre_tokenizer", "BertPreTokenizer");
        string prefix = Text(model, "continuing_subword_prefix") ?? WordPieceTokenizer.Continuing;
        if (prefix != WordPieceTokenizer.Continuing)
        {
            throw Unknown(name, "continuing_subword_prefix", prefix);
        }

        // strip_accents: null means as lowercase.
        bool lowercase = normalizer.GetProperty("lowercase").GetBoolean();
        BertNormalization how = new(
            normalizer.GetProperty("clean_text").GetBoolean(),
            normalizer.GetProperty("handle_chinese_chars").GetBoolean(),
            normalizer.TryGetProperty("strip_accents", out JsonElement strip) && strip.ValueKind != JsonValueKind.Null ? strip.GetBoolean() : lowercase,
            lowercase);
        return new WordPieceTokenizer(
            vocabulary.Tokens, vocabulary.Special, vocabulary.Id(name, Text(model, "unk_token") ?? "[UNK]"), how, HuggingFacePipeline.ReadTemplate(name, root, vocabulary.Special));
    }

    private static WordTokenizer ReadWords(string name, JsonElement root, JsonElement model, VocabularyTable vocabulary)
    {
        Expect(name, root, "normalizer", null);
        Expect(name, root, "pre_tokenizer", "WhitespaceSplit");
        return new WordTokenizer(vocabulary.Tokens, vocabulary.Special, vocabulary.Id(name, Text(model, "unk_token") ?? "<unk>"));
    }

    /// <summary>The component of this name, which must be of this type; null: there must be none.</summary>
    private static JsonElement Expect(string name, JsonElement root, string component, string? type)
    {
        bool there = root.TryGetProperty(component, out JsonElement element) && element.ValueKind != JsonValueKind.Null;
        string? found = there ? Text(element, "type") ?? "without a type" : null;
        return found == type ? element : throw Unknown(name, component, found ?? "nothing");
    }

    internal static bool Is(JsonElement element, string flag, bool value) =>
        element.TryGetProperty(flag, out JsonElement found) && found.ValueKind == (value ? JsonValueKind.True : JsonValueKind.False);

    internal static void Refuse(string name, JsonElement element, string flag, bool value)
    {
        if (Is(element, flag, value))
        {
            throw Unknown(name, flag, value ? "true" : "false");
        }
    }

    internal static EngineException Unknown(string name, string what, string found) => new(
        $"{name}: {what} is {found}; this program reads BPE of bytes, BPE and Unigram in the manner of SentencePiece, WordPiece as BERT's and WordLevel split at white space.");

    internal static string? Text(JsonElement element, string property) =>
        element.TryGetProperty(property, out JsonElement found) && found.ValueKind == JsonValueKind.String ? found.GetString() : null;

    internal static void WriteHead(Utf8JsonWriter writer, AddedTokens special, IEnumerable<(int Id, string Content)>? symbols = null)
    {
        writer.WriteString("version", "1.0");
        writer.WriteNull("truncation");
        writer.WriteNull("padding");
        writer.WriteStartArray("added_tokens");
        foreach ((int id, string content, bool isSymbol) in special.Select(s => (s.Key, s.Value, false)).Concat((symbols ?? []).Select(s => (s.Id, s.Content, true))))
        {
            writer.WriteStartObject();
            writer.WriteNumber("id", id);
            writer.WriteString("content", content);
            AddedTokenRules rules = isSymbol ? AddedTokenRules.Normalized : special.Rules.GetValueOrDefault(id);
            writer.WriteBoolean("single_word", rules.HasFlag(AddedTokenRules.SingleWord));
            writer.WriteBoolean("lstrip", rules.HasFlag(AddedTokenRules.StripLeft));
            writer.WriteBoolean("rstrip", rules.HasFlag(AddedTokenRules.StripRight));
            writer.WriteBoolean("normalized", rules.HasFlag(AddedTokenRules.Normalized));
            writer.WriteBoolean("special", !isSymbol);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    internal static void WriteType(Utf8JsonWriter writer, string component, string type)
    {
        writer.WriteStartObject(component);
        writer.WriteString("type", type);
        writer.WriteEndObject();
    }

    private static void WriteBertProcessing(Utf8JsonWriter writer, WordPieceTokenizer tokenizer)
    {
        SequenceTemplate template = tokenizer.Template;
        if (template is not { Before: [int cls], After: [int sep] })
        {
            HuggingFacePipeline.Write(writer, template, tokenizer.Special);
            return;
        }

        writer.WriteStartObject("post_processor");
        writer.WriteString("type", "BertProcessing");
        foreach ((string role, int id) in new[] { ("sep", sep), ("cls", cls) })
        {
            writer.WriteStartArray(role);
            writer.WriteStringValue(tokenizer.Spelling(id));
            writer.WriteNumberValue(id);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    internal static void WriteVocab(Utf8JsonWriter writer, int size, Func<int, string?> spelling)
    {
        writer.WriteStartObject("vocab");
        for (int id = 0; id < size; id++)
        {
            if (spelling(id) is string token)
            {
                writer.WriteNumber(token, id);
            }
        }

        writer.WriteEndObject();
    }
}
