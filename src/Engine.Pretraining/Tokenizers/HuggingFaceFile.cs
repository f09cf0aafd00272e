using System.Text;
using System.Text.Json;

namespace Engine.Pretraining.Tokenizers;

/// <summary>
/// Hugging Face's tokenizer.json, which is also how checkpoints keep tokenizers with a vocabulary of this kind. Read are
/// byte-level BPE as GPT-2's or Llama 3's, WordPiece as BERT's and WordLevel split at white space; anything else a file asks for is
/// refused by name, since it would give other tokens.
/// </summary>
internal static class HuggingFaceFile
{
    private const int MaxVocab = 1 << 24;

    /// <summary>Writes byte-level BPE.</summary>
    public static void Write(Utf8JsonWriter writer, BytePairTokenizer tokenizer)
    {
        WriteHead(writer, tokenizer.Special);
        writer.WriteNull("normalizer");
        WritePattern(writer, tokenizer.Pattern);
        writer.WriteNull("post_processor");
        writer.WritePropertyName("decoder");
        WriteByteLevel(writer, useRegex: true);
        writer.WriteStartObject("model");
        writer.WriteString("type", "BPE");
        writer.WriteNull("dropout");
        writer.WriteNull("unk_token");
        writer.WriteNull("continuing_subword_prefix");
        writer.WriteNull("end_of_word_suffix");
        writer.WriteBoolean("fuse_unk", false);
        writer.WriteBoolean("byte_fallback", false);
        writer.WriteBoolean("ignore_merges", tokenizer.IgnoreMerges);
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
        Vocabulary vocabulary = Vocabulary.Read(name, root, model.GetProperty("vocab"));
        return Text(model, "type") switch
        {
            "BPE" => ReadBytePair(name, root, model, vocabulary),
            "WordPiece" => ReadWordPiece(name, root, model, vocabulary),
            "WordLevel" => ReadWords(name, root, model, vocabulary),
            string other => throw Unknown(name, "model", other),
            null => throw Unknown(name, "model", "nothing"),
        };
    }

    private static BytePairTokenizer ReadBytePair(string name, JsonElement root, JsonElement model, Vocabulary vocabulary)
    {
        Expect(name, root, "normalizer", null);
        PiecePattern pattern = ReadPattern(name, root.GetProperty("pre_tokenizer"));
        Refuse(name, model, "byte_fallback", true);
        byte[]?[] bytes = new byte[vocabulary.Tokens.Length][];
        for (int id = 0; id < bytes.Length; id++)
        {
            string? token = vocabulary.Tokens[id];
            if (vocabulary.Special.ContainsKey(id))
            {
                bytes[id] = Encoding.UTF8.GetBytes(token!);
            }
            else if (token is not null && !ByteLetters.TryRead(token, out bytes[id]!))
            {
                throw new EngineException($"{name}: the token \"{token}\" is not written in the letters of byte-level BPE.");
            }
        }

        List<Merge> merges = [];
        List<int> made = [];
        foreach (JsonElement merge in model.GetProperty("merges").EnumerateArray())
        {
            string[] parts = merge.ValueKind == JsonValueKind.Array ? [.. merge.EnumerateArray().Select(p => p.GetString()!)] : merge.GetString()!.Split(' ');
            if (parts.Length != 2)
            {
                throw new EngineException($"{name}: merge {merges.Count} is not of two tokens.");
            }

            merges.Add(new Merge(vocabulary.Id(name, parts[0]), vocabulary.Id(name, parts[1])));
            made.Add(vocabulary.Id(name, parts[0] + parts[1]));
        }

        int missing = Array.FindIndex(ByteLetters.Order, b => !vocabulary.Has(ByteLetters.Write([b])));
        return missing < 0
            ? new BytePairTokenizer(bytes, merges, [.. made], vocabulary.Special, pattern, Is(model, "ignore_merges", true))
            : throw new EngineException($"{name}: the vocabulary has no token for byte {ByteLetters.Order[missing]}; it is not a byte-level one.");
    }

    /// <summary>ByteLevel cuts as GPT-2 unless it is told not to; then a Split before it has cut.</summary>
    private static PiecePattern ReadPattern(string name, JsonElement cut)
    {
        if (cut.ValueKind != JsonValueKind.Object || Text(cut, "type") != "Sequence")
        {
            ReadByteLevel(name, cut, useRegex: true);
            return new Gpt2Pattern();
        }

        JsonElement[] steps = [.. cut.GetProperty("pretokenizers").EnumerateArray()];
        if (steps.Length != 2 || Text(steps[0], "type") != "Split" || Text(steps[0], "behavior") != "Isolated" || Is(steps[0], "invert", true))
        {
            throw Unknown(name, "pre_tokenizer", "a sequence other than Split and ByteLevel");
        }

        ReadByteLevel(name, steps[1], useRegex: false);
        string regex = Text(steps[0].GetProperty("pattern"), "Regex") ?? "no regular expression";
        return Array.Find([new Gpt4Pattern(1), new Gpt4Pattern(3)], p => p.Regex == regex) ?? throw Unknown(name, "Split", regex);
    }

    private static void ReadByteLevel(string name, JsonElement cut, bool useRegex)
    {
        string? type = cut.ValueKind == JsonValueKind.Object ? Text(cut, "type") : "nothing";
        if (type != "ByteLevel")
        {
            throw Unknown(name, "pre_tokenizer", type ?? "without a type");
        }

        Refuse(name, cut, "add_prefix_space", true);
        Refuse(name, cut, "use_regex", !useRegex);
    }

    private static WordPieceTokenizer ReadWordPiece(string name, JsonElement root, JsonElement model, Vocabulary vocabulary)
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
        return new WordPieceTokenizer(vocabulary.Tokens, vocabulary.Special, vocabulary.Id(name, Text(model, "unk_token") ?? "[UNK]"), how);
    }

    private static WordTokenizer ReadWords(string name, JsonElement root, JsonElement model, Vocabulary vocabulary)
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

    private static bool Is(JsonElement element, string flag, bool value) =>
        element.TryGetProperty(flag, out JsonElement found) && found.ValueKind == (value ? JsonValueKind.True : JsonValueKind.False);

    private static void Refuse(string name, JsonElement element, string flag, bool value)
    {
        if (Is(element, flag, value))
        {
            throw Unknown(name, flag, value ? "true" : "false");
        }
    }

    private static EngineException Unknown(string name, string what, string found) => new(
        $"{name}: {what} is {found}; this program reads byte-level BPE as GPT-2's or Llama 3's, WordPiece as BERT's and WordLevel split at white space.");

    private static string? Text(JsonElement element, string property) =>
        element.TryGetProperty(property, out JsonElement found) && found.ValueKind == JsonValueKind.String ? found.GetString() : null;

    private static void WriteHead(Utf8JsonWriter writer, SortedDictionary<int, string> special)
    {
        writer.WriteString("version", "1.0");
        writer.WriteNull("truncation");
        writer.WriteNull("padding");
        writer.WriteStartArray("added_tokens");
        foreach ((int id, string content) in special)
        {
            writer.WriteStartObject();
            writer.WriteNumber("id", id);
            writer.WriteString("content", content);
            writer.WriteBoolean("single_word", false);
            writer.WriteBoolean("lstrip", false);
            writer.WriteBoolean("rstrip", false);
            writer.WriteBoolean("normalized", false);
            writer.WriteBoolean("special", true);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteType(Utf8JsonWriter writer, string component, string type)
    {
        writer.WriteStartObject(component);
        writer.WriteString("type", type);
        writer.WriteEndObject();
    }

    private static void WritePattern(Utf8JsonWriter writer, PiecePattern pattern)
    {
        writer.WritePropertyName("pre_tokenizer");
        if (pattern is not Gpt4Pattern split)
        {
            WriteByteLevel(writer, useRegex: true);
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("type", "Sequence");
        writer.WriteStartArray("pretokenizers");
        writer.WriteStartObject();
        writer.WriteString("type", "Split");
        writer.WriteStartObject("pattern");
        writer.WriteString("Regex", split.Regex);
        writer.WriteEndObject();
        writer.WriteString("behavior", "Isolated");
        writer.WriteBoolean("invert", false);
        writer.WriteEndObject();
        WriteByteLevel(writer, useRegex: false);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteByteLevel(Utf8JsonWriter writer, bool useRegex)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "ByteLevel");
        writer.WriteBoolean("add_prefix_space", false);
        writer.WriteBoolean("trim_offsets", true);
        writer.WriteBoolean("use_regex", useRegex);
        writer.WriteEndObject();
    }

    private static void WriteBertProcessing(Utf8JsonWriter writer, WordPieceTokenizer tokenizer)
    {
        if (tokenizer.SpecialTokens is not { Cls: int cls, Sep: int sep })
        {
            writer.WriteNull("post_processor");
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

    private static void WriteVocab(Utf8JsonWriter writer, int size, Func<int, string?> spelling)
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

    /// <summary>Tokens by id and ids by token, as a file lists them.</summary>
    private sealed record Vocabulary(string?[] Tokens, SortedDictionary<int, string> Special, Dictionary<string, int> Ids)
    {
        public static Vocabulary Read(string name, JsonElement root, JsonElement vocab)
        {
            List<(string Token, int Id)> all = [.. vocab.EnumerateObject().Select(t => (t.Name, t.Value.GetInt32()))];
            SortedDictionary<int, string> special = [];
            if (root.TryGetProperty("added_tokens", out JsonElement added))
            {
                foreach (JsonElement token in added.EnumerateArray())
                {
                    special[token.GetProperty("id").GetInt32()] = token.GetProperty("content").GetString()!;
                }
            }

            all.AddRange(special.Select(s => (s.Value, s.Key)));
            int size = all.Count == 0 ? 0 : all.Max(t => t.Id) + 1;
            Dictionary<string, int> ids = new(StringComparer.Ordinal);
            string?[] tokens = new string?[size is > 0 and <= MaxVocab ? size : throw new EngineException($"{name}: the vocabulary is empty or has an id beyond {MaxVocab}.")];
            foreach ((string token, int id) in all)
            {
                if (id < 0 || (tokens[id] ??= token) != token || (ids.TryGetValue(token, out int other) && other != id))
                {
                    throw new EngineException($"{name}: the token \"{token}\" with id {id} contradicts another line of the vocabulary.");
                }

                ids[token] = id;
            }

            return new Vocabulary(tokens, special, ids);
        }

        public bool Has(string token) => Ids.ContainsKey(token);

        public int Id(string name, string token) =>
            Ids.TryGetValue(token, out int id) ? id : throw new EngineException($"{name}: the token \"{token}\" is not in the vocabulary.");
    }
}
