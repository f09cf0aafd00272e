using System.Text;
using System.Text.Json;

namespace Engine.Pretraining.Tokenizers;

/// <summary>
/// Characters and bytes as Hugging Face's tokenizer.json can say them, for folders that its libraries load: BPE without merges, whose tokens are
/// then single characters, and byte-level BPE without merges.
/// </summary>
internal static class CharacterVocabulary
{
    /// <summary>The tokenizer as tokenizer.json; other kinds write themselves.</summary>
    public static string ToJson(ITokenizer tokenizer) => tokenizer switch
    {
        CharTokenizer characters => Write(characters),
        ByteTokenizer => TokenizerFile.ToJson(new BytePairTokenizer([.. Enumerable.Range(0, 256).Select(b => new[] { (byte)b })], [], [], [], new BytePairSettings(new Gpt2Pattern()))),
        _ => TokenizerFile.ToJson(tokenizer),
    };

    /// <summary>Characters from what <see cref="ToJson"/> wrote; null if it is something else.</summary>
    /// <exception cref="EngineException">The ids are not 0 … V − 1.</exception>
    public static CharTokenizer? TryRead(string name, JsonElement root)
    {
        JsonElement model = root.GetProperty("model");
        if (!model.TryGetProperty("type", out JsonElement type) || type.GetString() != "BPE" || model.GetProperty("merges").GetArrayLength() > 0
            || root.GetProperty("pre_tokenizer").ValueKind != JsonValueKind.Null)
        {
            return null;
        }

        (string Text, int Id)[] tokens = [.. model.GetProperty("vocab").EnumerateObject().Select(t => (t.Name, t.Value.GetInt32())).OrderBy(t => t.Item2)];
        return tokens.Length > 0 && tokens.Select((t, i) => t.Id == i && t.Text.EnumerateRunes().Count() == 1).All(good => good)
            ? new CharTokenizer([.. tokens.Select(t => Rune.GetRuneAt(t.Text, 0))])
            : throw new EngineException($"{name}: BPE without merges and pre_tokenizer is one token a character, with ids from 0 on; this is something else.");
    }

    private static string Write(CharTokenizer characters)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("version", "1.0");
            json.WriteNull("truncation");
            json.WriteNull("padding");
            json.WriteStartArray("added_tokens");
            json.WriteEndArray();
            json.WriteNull("normalizer");
            json.WriteNull("pre_tokenizer");
            json.WriteNull("post_processor");
            json.WriteStartObject("decoder");
            json.WriteString("type", "Fuse");
            json.WriteEndObject();
            json.WriteStartObject("model");
            json.WriteString("type", "BPE");
            json.WriteNull("unk_token");
            json.WriteStartObject("vocab");
            for (int id = 0; id < characters.VocabSize; id++)
            {
                json.WriteNumber(characters.Decode([id]), id);
            }

            json.WriteEndObject();
            json.WriteStartArray("merges");
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }
}
