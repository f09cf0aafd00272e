using System.Buffers;
using System.Text.Json;
using Engine.Serialization;

namespace Engine.Pretraining.Hub;

/// <summary>The configuration that a llama2.c file stands for; what its header leaves open is fixed in llama2.c's own code (run.c).</summary>
internal static class Llama2cConfig
{
    /// <summary>As Hugging Face would write it.</summary>
    public static HubJson Of(Llama2cFile file)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            json.WriteString("model_type", "llama");
            json.WriteNumber("vocab_size", file.VocabSize);
            json.WriteNumber("hidden_size", file.HiddenSize);
            json.WriteNumber("intermediate_size", file.IntermediateSize);
            json.WriteNumber("num_hidden_layers", file.Layers);
            json.WriteNumber("num_attention_heads", file.Heads);
            json.WriteNumber("num_key_value_heads", file.KeyValueHeads);
            json.WriteNumber("max_position_embeddings", file.ContextLength);
            json.WriteNumber("rms_norm_eps", 1e-5);
            json.WriteBoolean("tie_word_embeddings", file.TieWordEmbeddings);
            json.WriteNumber("bos_token_id", 1);
            json.WriteStartArray("eos_token_id");
            json.WriteNumberValue(1);
            json.WriteNumberValue(2);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return HubJson.Parse(file.Path, buffer.WrittenMemory);
    }
}
