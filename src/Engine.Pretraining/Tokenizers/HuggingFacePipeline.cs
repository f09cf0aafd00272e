using System.Text.Json;
using Engine.Pretraining.Tokenizers.Normalization;

namespace Engine.Pretraining.Tokenizers;

/// <summary>
/// The parts of a tokenizer.json around its model: normalizers, what is put around a text, and the ways in which BPE of
/// characters and Unigram treat blanks: as a normalizer (Llama, Gemma) or as Metaspace (T5, XLNet).
/// </summary>
internal static class HuggingFacePipeline
{
    /// <summary>A component, or the components of a sequence.</summary>
    public static JsonElement[] Steps(JsonElement component, string sequence) => component.ValueKind != JsonValueKind.Object ? []
        : HuggingFaceFile.Text(component, "type") == "Sequence" ? [.. component.GetProperty(sequence).EnumerateArray()] : [component];

    /// <summary>The normalizers of a file, in order.</summary>
    /// <exception cref="EngineException">One is not known; names it.</exception>
    public static Normalizer[] ReadNormalizers(string name, JsonElement root) =>
        root.TryGetProperty("normalizer", out JsonElement found) ? [.. Steps(found, "normalizers").Select(n => ReadNormalizer(name, n))] : [];

    /// <summary>The merges of a BPE model: pairs, or texts with a blank in between.</summary>
    public static IEnumerable<(string Left, string Right)> Merges(string name, JsonElement model)
    {
        int count = 0;
        foreach (JsonElement merge in model.GetProperty("merges").EnumerateArray())
        {
            string[] parts = merge.ValueKind == JsonValueKind.Array ? [.. merge.EnumerateArray().Select(p => p.GetString()!)] : merge.GetString()!.Split(' ');
            yield return parts is [string left, string right] ? (left, right) : throw new EngineException($"{name}: merge {count} is not of two tokens.");
            count++;
        }
    }

    /// <summary>What the file puts around a single text.</summary>
    /// <exception cref="EngineException">It is done in a way that is not known, or with a token that is not special.</exception>
    public static SequenceTemplate ReadTemplate(string name, JsonElement root, AddedTokens special)
    {
        SequenceTemplate template = SequenceTemplate.None;
        foreach (JsonElement step in root.TryGetProperty("post_processor", out JsonElement found) ? Steps(found, "processors") : [])
        {
            switch (HuggingFaceFile.Text(step, "type"))
            {
                case "BertProcessing" or "RobertaProcessing":
                    template = new SequenceTemplate([step.GetProperty("cls")[1].GetInt32()], [step.GetProperty("sep")[1].GetInt32()]);
                    break;
                case "TemplateProcessing":
                    template = ReadTemplate(step);
                    break;
                case "ByteLevel":
                    break;
                case string other:
                    throw HuggingFaceFile.Unknown(name, "post_processor", other);
            }
        }

        foreach (int id in template.Before.Concat(template.After))
        {
            if (!special.ContainsKey(id))
            {
                throw new EngineException($"{name}: post_processor puts the token {id} around a text, which is not one of the special added_tokens.");
            }
        }

        return template;
    }

    /// <summary>Writes the property <c>post_processor</c>.</summary>
    public static void Write(Utf8JsonWriter writer, SequenceTemplate template, AddedTokens special)
    {
        if (template.Before.Count + template.After.Count == 0)
        {
            writer.WriteNull("post_processor");
            return;
        }

        writer.WriteStartObject("post_processor");
        writer.WriteString("type", "TemplateProcessing");
        foreach ((string form, string[] texts) in new[] { ("single", new[] { "A" }), ("pair", ["A", "B"]) })
        {
            writer.WriteStartArray(form);
            for (int i = 0; i < texts.Length; i++)
            {
                template.Before.ToList().ForEach(id => WritePart("SpecialToken", special[id], i));
                WritePart("Sequence", texts[i], i);
                template.After.ToList().ForEach(id => WritePart("SpecialToken", special[id], i));
            }

            writer.WriteEndArray();
        }

        writer.WriteStartObject("special_tokens");
        foreach (int id in template.Before.Concat(template.After).Distinct())
        {
            writer.WriteStartObject(special[id]);
            writer.WriteString("id", special[id]);
            writer.WriteStartArray("ids");
            writer.WriteNumberValue(id);
            writer.WriteEndArray();
            writer.WriteStartArray("tokens");
            writer.WriteStringValue(special[id]);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();

        void WritePart(string kind, string id, int type)
        {
            writer.WriteStartObject();
            writer.WriteStartObject(kind);
            writer.WriteString("id", id);
            writer.WriteNumber("type_id", type);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
    }

    /// <summary>Reads BPE of characters or Unigram.</summary>
    public static SubwordTokenizer Read(string name, JsonElement root, JsonElement model, VocabularyTable table)
    {
        bool unigram = HuggingFaceFile.Text(model, "type") == "Unigram";
        int? unknown = unigram
            ? model.TryGetProperty("unk_id", out JsonElement id) && id.ValueKind == JsonValueKind.Number ? id.GetInt32() : null
            : HuggingFaceFile.Text(model, "unk_token") is string token ? table.Id(name, token) : null;
        if (unknown is int outside && (uint)outside >= (uint)table.Tokens.Length)
        {
            throw new EngineException($"{name}: the unknown token {outside} is not in the vocabulary.");
        }

        PieceVocabulary vocabulary = new(
            name, table.Tokens, table.Special, unknown, HuggingFaceFile.Is(model, "byte_fallback", true), unigram || HuggingFaceFile.Is(model, "fuse_unk", true));
        PieceModel pieces;
        if (unigram)
        {
            // Added tokens may lie behind the scored pieces.
            float[] scores = new float[table.Tokens.Length];
            int at = 0;
            foreach (JsonElement piece in model.GetProperty("vocab").EnumerateArray())
            {
                float score = piece[1].GetSingle();
                scores[at++] = float.IsFinite(score) ? score : throw new EngineException($"{name}: the score of piece {at - 1} is {score}; expected a number.");
            }

            pieces = new UnigramModel(vocabulary, scores);
        }
        else
        {
            if (HuggingFaceFile.Text(model, "end_of_word_suffix") is { Length: > 0 } suffix || HuggingFaceFile.Text(model, "continuing_subword_prefix") is { Length: > 0 }
                || HuggingFaceFile.Is(model, "ignore_merges", true))
            {
                throw HuggingFaceFile.Unknown(name, "model", "BPE of characters with a suffix, a prefix or ignore_merges");
            }

            List<Merge> merges = [];
            List<int> made = [];
            foreach ((string left, string right) in Merges(name, model))
            {
                merges.Add(new Merge(table.Id(name, left), table.Id(name, right)));
                made.Add(table.Id(name, left + right));
            }

            pieces = new CharacterMerges(vocabulary, merges, [.. made]);
        }

        List<Normalizer> normalizers = [.. ReadNormalizers(name, root)];
        bool cuts = ReadMetaspace(name, root, normalizers);
        return new SubwordTokenizer(pieces, [.. normalizers], cuts, DropsFirstBlank(root), [.. table.Symbols], ReadTemplate(name, root, table.Special));
    }

    /// <summary>Writes BPE of characters or Unigram.</summary>
    public static void Write(Utf8JsonWriter writer, SubwordTokenizer tokenizer)
    {
        PieceVocabulary vocabulary = tokenizer.Model.Vocabulary;
        HuggingFaceFile.WriteHead(writer, vocabulary.Special, tokenizer.Symbols.Select(s => (vocabulary.Ids[s], s)));
        ReadOnlySpan<Normalizer> normalizers = tokenizer.Normalizers;
        bool prepends = normalizers is [.., PrependBlank];
        if (prepends || tokenizer.CutsAtBlanks)
        {
            normalizers = prepends ? normalizers[..^1] : normalizers;
            Normalizer.Write(writer, normalizers is [.., Replace { Pattern: " " }] ? normalizers[..^1] : normalizers);
            writer.WriteStartObject("pre_tokenizer");
            WriteMetaspace(writer, prepends ? "always" : "never", tokenizer.CutsAtBlanks);
        }
        else
        {
            Normalizer.Write(writer, normalizers);
            writer.WriteNull("pre_tokenizer");
        }

        Write(writer, tokenizer.Template, vocabulary.Special);
        writer.WriteStartObject("decoder");
        WriteMetaspaceDecoder(writer, tokenizer.DropsFirstBlank);
        tokenizer.Model.Write(writer);
    }

    private static SequenceTemplate ReadTemplate(JsonElement step)
    {
        List<int> before = [];
        List<int> after = [];
        List<int> now = before;
        foreach (JsonElement part in step.GetProperty("single").EnumerateArray())
        {
            if (part.TryGetProperty("SpecialToken", out JsonElement token))
            {
                string id = token.GetProperty("id").GetString()!;
                now.AddRange(step.GetProperty("special_tokens").GetProperty(id).GetProperty("ids").EnumerateArray().Select(i => i.GetInt32()));
            }
            else
            {
                now = after;
            }
        }

        return new SequenceTemplate(before, after);
    }

    private static Normalizer ReadNormalizer(string name, JsonElement step)
    {
        string type = HuggingFaceFile.Text(step, "type") ?? "without a type";
        switch (type)
        {
            case "Prepend":
                return new Prepend(step.GetProperty("prepend").GetString()!);
            case "Lowercase":
                return new Lowercase();
            case "StripAccents":
                return new StripAccents();
            case "Strip":
                return new Strip(HuggingFaceFile.Is(step, "strip_left", true), HuggingFaceFile.Is(step, "strip_right", true));
            case "Precompiled":
                return new Precompiled(name, step.GetProperty("precompiled_charsmap").GetBytesFromBase64());
            case "Replace":
                JsonElement pattern = step.GetProperty("pattern");
                string? expression = HuggingFaceFile.Text(pattern, "Regex");
                string text = expression ?? pattern.GetProperty("String").GetString()!;
                return text.Length > 0 && (expression is null || Replace.Knows(expression))
                    ? new Replace(text, expression is not null, step.GetProperty("content").GetString()!)
                    : throw HuggingFaceFile.Unknown(name, "normalizer", $"Replace of \"{text}\"");
            default:
                return UnicodeForm.ByName(type) ?? throw HuggingFaceFile.Unknown(name, "normalizer", type);
        }
    }

    /// <summary>Metaspace writes blanks as ▁, puts one before the text, and cuts there.</summary>
    private static bool ReadMetaspace(string name, JsonElement root, List<Normalizer> normalizers)
    {
        JsonElement[] steps = root.TryGetProperty("pre_tokenizer", out JsonElement cut) ? Steps(cut, "pretokenizers") : [];
        if (steps.Length > 0 && HuggingFaceFile.Text(steps[0], "type") == "WhitespaceSplit")
        {
            // Words are cut out and each gets its blank: as if there was one blank between words and none at the ends.
            normalizers.Add(new Strip(true, true));
            normalizers.Add(new Replace(Replace.WhiteSpace, true, " "));
            steps = steps[1..];
        }

        if (steps.Length == 0)
        {
            return false;
        }

        if (steps.Length > 1 || HuggingFaceFile.Text(steps[0], "type") != "Metaspace" || (HuggingFaceFile.Text(steps[0], "replacement") ?? SubwordTokenizer.BlankText) != SubwordTokenizer.BlankText)
        {
            throw HuggingFaceFile.Unknown(name, "pre_tokenizer", HuggingFaceFile.Text(steps[^1], "type") ?? "without a type");
        }

        normalizers.Add(new Replace(" ", false, SubwordTokenizer.BlankText));
        string scheme = HuggingFaceFile.Text(steps[0], "prepend_scheme") ?? (HuggingFaceFile.Is(steps[0], "add_prefix_space", false) ? "never" : "always");
        if (scheme != "never")
        {
            normalizers.Add(new PrependBlank());
        }

        return !HuggingFaceFile.Is(steps[0], "split", false);
    }

    /// <summary>Whether decoding takes back a blank at the beginning.</summary>
    private static bool DropsFirstBlank(JsonElement root) => root.TryGetProperty("decoder", out JsonElement decoder)
        && Steps(decoder, "decoders").Any(d => HuggingFaceFile.Text(d, "type") switch
        {
            "Strip" => true,
            "Metaspace" => HuggingFaceFile.Text(d, "prepend_scheme") != "never" && !HuggingFaceFile.Is(d, "add_prefix_space", false),
            _ => false,
        });

    private static void WriteMetaspace(Utf8JsonWriter writer, string scheme, bool split)
    {
        writer.WriteString("type", "Metaspace");
        writer.WriteString("replacement", SubwordTokenizer.BlankText);
        writer.WriteString("prepend_scheme", scheme);
        writer.WriteBoolean("split", split);
        writer.WriteEndObject();
    }

    private static void WriteMetaspaceDecoder(Utf8JsonWriter writer, bool drops)
    {
        writer.WriteString("type", "Sequence");
        writer.WriteStartArray("decoders");
        writer.WriteStartObject();
        writer.WriteString("type", "ByteFallback");
        writer.WriteEndObject();
        writer.WriteStartObject();
        WriteMetaspace(writer, drops ? "always" : "never", split: false);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
