using System.Text.Json.Nodes;
using Engine.Nn;
using Engine.Pretraining.Hub;
using Engine.Pretraining.Models;
using Engine.Serialization;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Pretraining.Tests.Hub;

/// <summary>Folders of every architecture: written and read again bit for bit, in other people's spellings, and broken.</summary>
public sealed class HubFolderTests : IDisposable
{
    private static readonly EncoderConfig s_encoder = new()
    {
        VocabSize = 23, HiddenSize = 16, EmbeddingSize = 16, NumHiddenLayers = 2, NumAttentionHeads = 2, IntermediateSize = 24, MaxPositionEmbeddings = 12,
    };

    private static readonly LlamaConfig s_llama = new()
    {
        VocabSize = 23, MaxPositionEmbeddings = 16, HiddenSize = 16, NumHiddenLayers = 2, NumAttentionHeads = 4, NumKeyValueHeads = 2, IntermediateSize = 24, RopeTheta = 5000f,
    };

    private readonly TemporaryFolder _folder = new();
    private readonly CpuDevice _device = new(threads: 1);

    public static TheoryData<string> Models => [.. HubCatalog.Names, "llama-tied", "llama-linear", "llama-scaled", "mixtral-window", "gpt2-bare", "t5-gated", "bert-tokens", "albert-tokens", "electra-narrow"];

    public void Dispose()
    {
        _device.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_folder_gives_back_the_same_bits(string name)
    {
        using Module model = Create(name);
        Model.Save(_folder.Path, model, maxShardBytes: name.Contains('-', StringComparison.Ordinal) ? 2000 : long.MaxValue);
        using PretrainedModel loaded = Model.Load(_folder.Path, _device);
        Assert.Equal(name.Split('-')[0], loaded.Architecture);
        Assert.Empty(loaded.UnusedTensors);
        Assert.All(loaded.NewParameters, p => Assert.StartsWith("generator.", p, StringComparison.Ordinal));
        Dictionary<string, Parameter> read = loaded.Network.Parameters.ToDictionary(p => p.Name);
        foreach (Parameter parameter in model.Parameters.Where(p => !loaded.NewParameters.Contains(p.Name)))
        {
            Assert.Equal(parameter.Master.ToArray(), read[parameter.Name].Master.ToArray());
        }

        Assert.Equal(Output(model), Output(loaded.Network));
    }

    [Fact]
    public void Hugging_faces_own_spellings_are_read()
    {
        using Module model = Create("gpt2");
        Save("model.safetensors", "transformer.", model.Parameters.Select(p => (p.Name, p.Master)).Append(("h.0.attn.bias", model.Parameters.First().Master)));
        WriteConfig(model);
        using PretrainedModel gpt2 = Model.Load(_folder.Path, _device);
        Assert.Equal(Output(model), Output(gpt2.Network));
        File.Delete(_folder.File("config.json"));

        using Bert bert = new(_device, s_encoder, 3);
        string Old(string name) => name["bert.".Length..].Replace("LayerNorm.weight", "LayerNorm.gamma", StringComparison.Ordinal).Replace("LayerNorm.bias", "LayerNorm.beta", StringComparison.Ordinal);
        Save("model.safetensors", string.Empty, bert.Parameters.Where(p => p.Name.StartsWith("bert.", StringComparison.Ordinal)).Select(p => (Old(p.Name), p.Master))
            .Append(("classifier.weight", bert.Parameters.First().Master)));
        WriteConfig(bert);
        using PretrainedModel bare = Model.Load(_folder.Path, _device);
        Assert.Equal(bert.Parameters.Select(p => p.Name).Where(n => n.StartsWith("cls.", StringComparison.Ordinal)), bare.NewParameters);
        Assert.Equal(["classifier.weight"], bare.UnusedTensors);
        using StepScope step = new(_device, recording: false);
        EncoderInput input = new(step.From<int>([1, 2, 3, 5], [1, 4]));
        Assert.Equal(bert.Hidden(input).ToArray(), ((Bert)bare.Network).Hidden(input).ToArray());
    }

    [Fact]
    public void DistilBert_is_Bert_without_segments()
    {
        using DistilBert small = new(_device, s_encoder, 5);
        using Bert bert = new(_device, s_encoder with { TypeVocabSize = 1 }, 6, BertHeads.Tokens);
        Parameter[] from = [.. small.Parameters];
        Parameter[] to = [.. bert.Parameters.Where(p => !p.Name.Contains("token_type", StringComparison.Ordinal))];
        Assert.Equal(from.Length, to.Length);
        for (int i = 0; i < from.Length; i++)
        {
            Assert.Equal(from[i].Value.Shape, to[i].Value.Shape);
            to[i].Master.Load<float>(from[i].Master.ToArray());
        }

        Parameter segments = bert.Parameters.Single(p => p.Name.Contains("token_type", StringComparison.Ordinal));
        segments.Master.Load<float>(new float[segments.Master.Count]);
        Assert.Equal(Output(bert), Output(small));
    }

    [Theory]
    [InlineData("model_type", "\"gptt2\"", "model_type gptt2 is unknown; expected one of gpt2, mixtral, mistral, llama, bert, roberta, albert, electra, distilbert, t5. Did you mean gpt2?")]
    [InlineData("model_type", null, "the key model_type is missing")]
    [InlineData("n_embd", null, "the key n_embd is missing, which this architecture needs")]
    [InlineData("n_embd", "-1", "n_embd is -1; expected a whole number of at least 0")]
    [InlineData("n_embd", "1e30", "n_embd is 1e30; expected a whole number of at least 0")]
    [InlineData("n_embd", "\"x\"", "n_embd is \"x\"; expected a whole number of at least 0")]
    [InlineData("n_head", "5", "n_head 5 does not divide n_embd 16")]
    [InlineData("vocab_size", "24", "wte.weight is F32 (23, 16), but the configuration gives it shape (24, 16)")]
    [InlineData("vocab_size", "2147483647", "wte.weight is F32 (23, 16), but the configuration gives it shape (2147483647, 16)")]
    [InlineData("n_layer", "3", "lacks h.2.ln_1.weight")]
    [InlineData("n_layer", "1", "which the model that the configuration describes has not. Did you mean its nearest parameter h.0.")]
    [InlineData("n_layer", "2000000000", "n_layer is 2000000000, but the weights are only 28 tensors")]
    [InlineData("n_inner", "17", "n_inner is 17; expected 64, the only value that is supported here")]
    [InlineData("tie_word_embeddings", "false", "tie_word_embeddings is false; expected true")]
    [InlineData("activation_function", "\"swish\"", "activation_function 'swish' is unknown")]
    [InlineData("layer_norm_epsilon", "1e99", "layer_norm_epsilon is 1e99; expected a finite number")]
    public void A_configuration_that_does_not_fit_is_refused_with_its_key(string key, string? value, string fault)
    {
        using Module model = Create("gpt2");
        Model.Save(_folder.Path, model);
        string path = _folder.File("config.json");
        JsonObject json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        _ = json.Remove(key);
        if (value is not null)
        {
            json[key] = JsonNode.Parse(value);
        }

        File.WriteAllText(path, json.ToJsonString());
        long before = _device.Memory.LiveBytes;
        EngineException e = Assert.Throws<EngineException>(() => Model.Load(_folder.Path, _device));
        Assert.Contains(fault, e.Message, StringComparison.Ordinal);
        Assert.Equal(before, _device.Memory.LiveBytes);
    }

    [Fact]
    public void A_misspelt_tensor_is_named_with_its_nearest()
    {
        using Module model = Create("gpt2");
        Save("model.safetensors", string.Empty, model.Parameters.Select(p => (p.Name == "ln_f.weight" ? "ln_f.wieght" : p.Name, p.Master)));
        WriteConfig(model);
        EngineException e = Assert.Throws<EngineException>(() => Model.Load(_folder.Path, _device));
        Assert.Equal($"{_folder.File("model.safetensors")}: lacks ln_f.weight (16,). Did you mean ln_f.wieght?", e.Message);
    }

    [Fact]
    public void A_missing_shard_and_a_false_index_are_named()
    {
        using Module model = Create("gpt2");
        Model.Save(_folder.Path, model, maxShardBytes: 4000);
        string index = _folder.File("model.safetensors.index.json");
        string text = File.ReadAllText(index);
        string second = Path.GetFileName(Directory.GetFiles(_folder.Path, "model-00002-of-*").Single());
        void Fails(string fault) => Assert.StartsWith(index + ": " + fault, Assert.Throws<EngineException>(() => Model.Load(_folder.Path, _device)).Message, StringComparison.Ordinal);
        File.WriteAllText(index, text.Replace("\"transformer.wte.weight\"", "\"transformer.wtf.weight\"", StringComparison.Ordinal));
        Fails("transformer.wtf.weight should lie in");
        File.WriteAllText(index, text.Replace(second, "../" + second, StringComparison.Ordinal));
        Fails("transformer.h.");
        File.WriteAllText(index, "{\"weight_map\": 3}");
        Fails("not a valid index of shards");
        File.WriteAllText(index, text);
        File.Delete(_folder.File(second));
        Fails($"the shard {second} is missing");
    }

    [Fact]
    public void An_export_that_ends_half_way_is_no_model()
    {
        using Module model = Create("gpt2");
        Model.Save(_folder.Path, model, maxShardBytes: 4000);
        string second = Directory.GetFiles(_folder.Path, "model-00002-of-*").Single();
        File.Delete(second);
        Directory.CreateDirectory(second);
        Assert.Throws<EngineException>(() => Model.Save(_folder.Path, model, maxShardBytes: 4000));
        Directory.Delete(second);
        Assert.Throws<EngineException>(() => Model.Load(_folder.Path, _device));
        Assert.False(File.Exists(_folder.File("model.safetensors.index.json")));
    }

    [Fact]
    public void Empty_and_half_folders_are_named()
    {
        Assert.Contains("config.json: cannot be opened", Assert.Throws<EngineException>(() => Model.Load(_folder.Path, _device)).Message, StringComparison.Ordinal);
        using Module model = Create("gpt2");
        WriteConfig(model);
        Assert.Contains("has no weights; expected one of model.safetensors", Assert.Throws<EngineException>(() => Model.Load(_folder.Path, _device)).Message, StringComparison.Ordinal);
        Assert.Contains("there is no such folder or file", Assert.Throws<EngineException>(() => Model.Load(_folder.File("none"), _device)).Message, StringComparison.Ordinal);
        Assert.Contains("is neither a folder", Assert.Throws<EngineException>(() => Model.Load(_folder.Write("weights.txt", "x"u8), _device)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("llama", "ll\u00FFma", true, "config.json: is not valid UTF-8 text.")]
    [InlineData("\"llama\"", "\"\\ud800\"", false, "config.json: model_type is \"\\ud800\", which is not valid Unicode.")]
    public void A_configuration_that_is_no_text_is_refused(string from, string to, bool latin, string fault)
    {
        using Module model = Create("llama");
        Model.Save(_folder.Path, model);
        string path = _folder.File("config.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace(from, to, StringComparison.Ordinal), latin ? System.Text.Encoding.Latin1 : new System.Text.UTF8Encoding(false));
        Assert.EndsWith(fault, Assert.Throws<EngineException>(() => Model.Load(_folder.Path, _device)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Mutated_configurations_do_no_harm()
    {
        using Module model = Create("llama");
        Model.Save(_folder.Path, model);
        string path = _folder.File("config.json");
        byte[] valid = File.ReadAllBytes(path);
        Gen<(int At, byte Value)> change = Gen.Choose(0, valid.Length - 1).Zip(Gen.Elements("0123456789.-eE{}[]\",:a\0\xff".Select(c => (byte)c).ToArray()), (at, value) => (at, value));
        Prop.ForAll(Gen.NonEmptyListOf(change).ToArbitrary(), changes =>
        {
            byte[] bytes = [.. valid];
            foreach ((int at, byte value) in changes)
            {
                bytes[at] = value;
            }

            File.WriteAllBytes(path, bytes);
            try
            {
                Model.Load(_folder.Path, _device).Dispose();
            }
            catch (EngineException e)
            {
                Assert.NotEmpty(e.Message);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    private Module Create(string name) => name switch
    {
        "gpt2" or "gpt2-bare" => new Gpt2(_device, new Gpt2Config { VocabSize = 23, NPositions = 12, NEmbd = 16, NLayer = 2, NHead = 2, Bias = name == "gpt2" }, 1),
        "llama" or "llama-tied" => new Llama(_device, s_llama with { TieWordEmbeddings = name == "llama-tied" }, 1),
        "llama-linear" => new Llama(_device, s_llama with { RopeScaling = new RopeScaling { Factor = 2f } }, 1),
        "llama-scaled" => new Llama(_device, s_llama with { RopeScaling = new RopeScaling { Type = "llama3", Factor = 8f, OriginalMaxPositionEmbeddings = 8 } }, 1),
        "mistral" => new Llama(_device, s_llama with { SlidingWindow = 3 }, 1),
        "mixtral" or "mixtral-window" => new Llama(_device, s_llama with { NumLocalExperts = 3, SlidingWindow = name == "mixtral" ? 0 : 5 }, 1),
        "bert" => new Bert(_device, s_encoder, 1),
        "bert-tokens" => new Bert(_device, s_encoder, 1, BertHeads.Tokens),
        "roberta" => new Roberta(_device, s_encoder with { TypeVocabSize = 1 }, 1),
        "albert" or "albert-tokens" => new Albert(_device, s_encoder with { EmbeddingSize = 8 }, 1, name == "albert"),
        "electra" or "electra-narrow" => new Electra(_device, s_encoder with { EmbeddingSize = name == "electra" ? 16 : 8 }, 0.5, 1),
        "distilbert" => new DistilBert(_device, s_encoder, 1),
        "t5" or "t5-gated" => new T5(_device, new T5Config { VocabSize = 23, DModel = 16, DKv = 6, DFf = 24, NumLayers = 2, NumHeads = 3, FeedForwardProj = name == "t5" ? "relu" : "gated-gelu", TieWordEmbeddings = name == "t5" }, 1),
        _ => throw new InvalidOperationException($"{name}: say here how a small one is made."),
    };

    private float[] Output(Module model)
    {
        using StepScope step = new(_device, recording: false);
        Tensor ids = step.From<int>([1, 2, 3, 5, 8, 13, 21, 11], [1, 8]);
        return (model switch
        {
            CausalLanguageModel causal => causal.Logits(ids),
            EncoderModel encoder => encoder.TokenLogits(encoder.Hidden(new EncoderInput(ids))),
            Electra electra => electra.ReplacedLogits(electra.Hidden(new EncoderInput(ids))),
            T5 t5 => t5.Decode(ids, t5.Encode(ids)),
            _ => throw new InvalidOperationException(),
        }).ToArray();
    }

    // A folder's config.json without its weights.
    private void WriteConfig(Module model)
    {
        using TemporaryFolder other = new();
        Model.Save(other.Path, model);
        File.Copy(other.File("config.json"), _folder.File("config.json"), overwrite: true);
    }

    private void Save(string file, string prefix, IEnumerable<(string Name, Tensor Value)> tensors) =>
        SafeTensors.Save(_folder.File(file), tensors.Select(t => (prefix + t.Name, t.Value)));
}
