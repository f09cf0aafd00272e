using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Engine.Nn;
using Engine.Pretraining.Models;
using Engine.Pretraining.Tokenizers;
using Engine.Serialization;

namespace Engine.Pretraining.Hub;

/// <summary>Writes a model as a folder that Hugging Face's libraries load.</summary>
internal static class HubExport
{
    private static readonly JsonWriterOptions s_indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the folder; it is made if need be, files of the same names are replaced.</summary>
    /// <exception cref="EngineException">There is no such architecture, or a file cannot be written.</exception>
    public static void Write(string folder, Module model, ITokenizer? tokenizer, long maxShardBytes)
    {
        HubArchitecture architecture = HubCatalog.Of(model) ?? throw new EngineException(
            $"{folder}: this {model.GetType().Name} has no form among Hugging Face's {string.Join(", ", HubCatalog.Names)}; export it with --format npz.");
        Folders.Create(folder);
        WriteJson(Path.Combine(folder, HubFolder.ConfigFile), json =>
        {
            json.WriteStartArray("architectures");
            json.WriteStringValue(architecture.ClassName);
            json.WriteEndArray();
            json.WriteString("model_type", architecture.ModelType);
            architecture.Write(model, json);
            WriteTokens(json, tokenizer);
            json.WriteString("torch_dtype", TorchName(model));
        });
        WriteJson(Path.Combine(folder, "generation_config.json"), json => WriteTokens(json, tokenizer));
        List<Tensor> zeros = [];
        try
        {
            ShardedWeights.Save(folder, Tensors(architecture, model, zeros), maxShardBytes);
        }
        finally
        {
            zeros.ForEach(zero => zero.Dispose());
        }

        if (tokenizer is not null)
        {
            byte[] text = Encoding.UTF8.GetBytes(CharacterVocabulary.ToJson(tokenizer));
            AtomicFile.Write(Path.Combine(folder, "tokenizer.json"), stream => stream.Write(text));
            WriteJson(Path.Combine(folder, "tokenizer_config.json"), json =>
            {
                json.WriteString("tokenizer_class", "PreTrainedTokenizerFast");
                json.WriteBoolean("add_bos_token", false);
            });
        }
    }

    // Hugging Face's GPT-2 always has biases; where ours has none they are 0.
    private static IEnumerable<(string Name, Tensor Value)> Tensors(HubArchitecture architecture, Module model, List<Tensor> zeros)
    {
        const string Weight = ".weight";
        bool bare = model is Gpt2 { Config.Bias: false };
        foreach (Parameter parameter in model.Parameters)
        {
            string? name = architecture.Names.Export(parameter.Name);
            if (name is null)
            {
                continue;
            }

            yield return (name, parameter.Value);
            if (bare && name.EndsWith(Weight, StringComparison.Ordinal) && !parameter.Name.StartsWith('w'))
            {
                Tensor zero = Tensor.Empty(model.Device, [parameter.Master.Shape[^1]]);
                zeros.Add(zero);
                zero.Load<float>(new float[zero.Count]);
                yield return (name[..^Weight.Length] + ".bias", zero);
            }
        }
    }

    // Of most of its weights; int8 is none that the library computes in.
    private static string TorchName(Module model) => model.Parameters.Max(p => p.ActivationType).Name();

    private static void WriteTokens(Utf8JsonWriter json, ITokenizer? tokenizer)
    {
        Number("bos_token_id", tokenizer?.SpecialTokens.Bos);
        Number("eos_token_id", tokenizer?.SpecialTokens.Eos);
        Number("pad_token_id", tokenizer?.SpecialTokens.Pad);

        void Number(string key, int? id)
        {
            if (id is { } value)
            {
                json.WriteNumber(key, value);
            }
        }
    }

    private static void WriteJson(string path, Action<Utf8JsonWriter> write) => AtomicFile.Write(path, stream =>
    {
        using Utf8JsonWriter json = new(stream, s_indented);
        json.WriteStartObject();
        write(json);
        json.WriteEndObject();
        json.Flush();
        stream.Write("\n"u8);
    });
}
