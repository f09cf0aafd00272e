using Engine.Nn;
using Engine.Pretraining.Hub;
using Engine.Pretraining.Models;
using Engine.Pretraining.Tokenizers;
using Engine.Serialization;
using Engine.Testing;
using Xunit;

namespace Engine.Pretraining.Tests.Hub;

/// <summary>A trained model through every format and back: the same logits, bit for bit where nothing is quantised.</summary>
public sealed class ExportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CpuDevice _device = new(threads: 1);
    private readonly PretrainedModel _model;

    public ExportTests() => _model = Model.Load(Fixture.WeightsFolder("stories260K"), _device);

    public void Dispose()
    {
        _model.Dispose();
        _device.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("hf", "F32", 0)]
    [InlineData("hf", "F16", 1e-3)]
    [InlineData("hf", "BF16", 5e-3)]
    [InlineData("hf", "I8", 2e-2)]
    [InlineData("gguf", "F32", 0)]
    [InlineData("gguf", "F16", 1e-3)]
    [InlineData("gguf", "BF16", 5e-3)]
    [InlineData("gguf", "Q8_0", 2e-2)]
    [InlineData("gguf", "Q4_0", 0.2)]
    public void Logits_and_tokens_come_back(string format, string type, double most)
    {
        string path = _folder.File("out." + format);
        Model.Export(path, _model.Network, _model.Tokenizer, format, type);
        using PretrainedModel back = Model.Load(path, _device);
        (float[] expected, float[] actual) = (Logits(_model), Logits(back));
        double off = Math.Sqrt(expected.Zip(actual, (a, b) => Math.Pow(a - b, 2)).Sum() / expected.Sum(a => Math.Pow(a, 2)));
        TestContext.Current.TestOutputHelper!.WriteLine($"{format} {type}: logits off by {off:G3} of their size");
        Assert.InRange(off, type == "F32" ? 0 : 1e-7, most);
        Assert.Equal(_model.Tokenizer!.Encode("Once upon a time, naïve 😀"), back.Tokenizer!.Encode("Once upon a time, naïve 😀"));
        Assert.Equal(1, back.BosToken ?? 1);
    }

    [Fact]
    public void Int8_folders_are_the_int8_model_to_the_bit()
    {
        using Gpt2 model = new(_device, new Gpt2Config { VocabSize = 23, NPositions = 12, NEmbd = 16, NLayer = 1, NHead = 2 }, 1);
        model.StoreAs(DType.Int8);
        Model.Save(_folder.Path, model);
        using PretrainedModel back = Model.Load(_folder.Path, _device);
        foreach ((Parameter stored, Parameter read) in model.Parameters.Zip(back.Network.Parameters))
        {
            using StepScope step = new(_device, recording: false);
            float[] expected = (stored.Value.DType == DType.Int8 ? step.Use(stored).To(DType.Float32) : stored.Master).ToArray();
            Assert.Equal(expected, read.Master.ToArray());
        }
    }

    [Fact]
    public void Npz_holds_every_parameter()
    {
        string path = _folder.File("out.npz");
        Model.Export(path, _model.Network, null, "npz");
        using NpzFile file = NpzFile.Open(path);
        Assert.Equal(_model.Network.Parameters.Select(p => p.Name).Order(StringComparer.Ordinal), file.Entries.Keys.Order(StringComparer.Ordinal));
        foreach (Parameter parameter in _model.Network.Parameters)
        {
            using Tensor read = file.ReadTensor(parameter.Name, _device);
            Assert.Equal(parameter.Master.ToArray(), read.ToArray());
        }
    }

    [Fact]
    public void Characters_and_bytes_become_vocabularies_that_others_read()
    {
        foreach (ITokenizer tokenizer in new ITokenizer[] { CharTokenizer.FromText("hello héllo wörld\n\"{"), new ByteTokenizer() })
        {
            string json = CharacterVocabulary.ToJson(tokenizer);
            Assert.Contains("\"type\": \"BPE\"", json, StringComparison.Ordinal);
            ITokenizer read = TokenizerFile.Parse(json, "x");
            Assert.Equal(tokenizer.VocabSize, read.VocabSize);
            Assert.Equal(tokenizer.Encode("hell öd\n\""), read.Encode("hell öd\n\""));
            Assert.Equal("hell öd\n\"", read.Decode(read.Encode("hell öd\n\"")));
        }
    }

    [Theory]
    [InlineData("gpt-2")]
    [InlineData("llama-bpe")]
    [InlineData("qwen2")]
    [InlineData("gpt-4o")]
    public void A_byte_level_vocabulary_travels_inside_a_GGUF(string pre)
    {
        BytePairTokenizer trained = BytePairTokenizer.Train(string.Concat(Enumerable.Repeat("the cat's hat, THE CAT 1234 it is HelloWorld\n", 20)), 400, extraIds: 2);
        PiecePattern pattern = pre switch { "gpt-2" => new Gpt2Pattern(), "llama-bpe" => new Gpt4Pattern(3), "qwen2" => new Gpt4Pattern(1), _ => new O200kPattern() };
        BytePairTokenizer tokenizer = new(
            [.. Enumerable.Range(0, trained.VocabSize).Select(id => ByteLetters.TryRead(trained.Spelling(id)!, out byte[] bytes) ? bytes : null)], trained.Merges,
            [.. Enumerable.Range(trained.VocabSize - trained.Merges.Count, trained.Merges.Count)], trained.Special, new BytePairSettings(pattern) { IgnoreMerges = pre == "llama-bpe" });
        using Llama model = new(_device, new LlamaConfig { VocabSize = tokenizer.VocabSize, MaxPositionEmbeddings = 8, HiddenSize = 8, NumHiddenLayers = 1, NumAttentionHeads = 2, NumKeyValueHeads = 2, IntermediateSize = 8 });
        string path = _folder.File("bytes.gguf");
        Model.Export(path, model, tokenizer, "gguf");
        using (GgufFile file = GgufFile.Open(path))
        {
            Assert.Equal(pre, file.Values["tokenizer.ggml.pre"]);
        }

        using PretrainedModel back = Model.Load(path, _device);
        const string Text = "the CAT'S hats 12345 helloWORLD it's é 😀\n\n  x";
        Assert.Equal(tokenizer.Encode(Text), back.Tokenizer!.Encode(Text));
        Assert.Equal(Text, back.Tokenizer.Decode(back.Tokenizer.Encode(Text)));
        Assert.Equal(trained.SpecialTokens.Named, back.Tokenizer.SpecialTokens.Named);
    }

    [Theory]
    [InlineData("linear", "gguf")]
    [InlineData("llama3", "gguf")]
    [InlineData("linear", "hf")]
    [InlineData("llama3", "hf")]
    public void Scaled_rotary_angles_come_back(string type, string format)
    {
        LlamaConfig config = ((Llama)_model.Network).Config with { RopeScaling = new RopeScaling { Type = type, Factor = 4f, OriginalMaxPositionEmbeddings = 32 } };
        using Llama scaled = new(_device, config);
        foreach ((Parameter to, Parameter from) in scaled.Parameters.Zip(_model.Network.Parameters))
        {
            to.Master.Load<float>(from.Master.ToArray());
        }

        string path = _folder.File("scaled." + format);
        Model.Export(path, scaled, null, format);
        using PretrainedModel back = Model.Load(path, _device);
        RopeScaling read = ((Llama)back.Network).Config.RopeScaling!;
        Assert.Equal(format == "gguf" && type == "llama3" ? "factors" : type, read.Type);
        using StepScope step = new(_device, recording: false);
        Tensor ids = step.From<int>([.. Enumerable.Range(0, 40).Select(i => i * 37 % 512)], [1, 40]);
        float[] expected = scaled.Logits(ids).ToArray();
        Assert.Equal(expected, ((Llama)back.Network).Logits(ids).ToArray());
        Assert.NotEqual(expected, ((Llama)_model.Network).Logits(ids).ToArray());
    }

    [Fact]
    public void What_has_no_such_form_is_refused()
    {
        using Gpt2 gpt2 = new(_device, new Gpt2Config { VocabSize = 5, NPositions = 4, NEmbd = 4, NLayer = 1, NHead = 1 });
        Assert.Contains("this is a Gpt2", Assert.Throws<EngineException>(() => Model.Export(_folder.File("x.gguf"), gpt2, null, "gguf")).Message, StringComparison.Ordinal);
        using Llama alibi = new(_device, new LlamaConfig { VocabSize = 5, HiddenSize = 4, NumHiddenLayers = 1, NumAttentionHeads = 1, NumKeyValueHeads = 1, IntermediateSize = 4, PositionEmbedding = "alibi" });
        Assert.Contains("this Llama has no form among Hugging Face's", Assert.Throws<EngineException>(() => Model.Save(_folder.File("x"), alibi)).Message, StringComparison.Ordinal);
        Assert.Contains("format x is unknown", Assert.Throws<EngineException>(() => Model.Export(_folder.File("x"), gpt2, null, "x")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("general.architecture", "bert", "general.architecture is bert; only llama is known here")]
    [InlineData("llama.rope.scaling.type", "yarn", "llama.rope.scaling.type is yarn; known here are none, linear")]
    [InlineData("llama.rope.dimension_count", 4u, "llama.rope.dimension_count is 4; only 8, the width of a head, is known here")]
    [InlineData("llama.block_count", 3_000_000_000u, "llama.block_count is 3000000000; expected a whole number of at least 0")]
    [InlineData("llama.block_count", 9u, "lacks model.layers.5.input_layernorm.weight")]
    [InlineData("llama.block_count", 2_000_000_000u, "num_hidden_layers is 2000000000, but the weights are only 47 tensors")]
    [InlineData("llama.attention.head_count", 0u, "num_attention_heads 0")]
    [InlineData("llama.attention.head_count", 3u, "in heads of 21")]
    [InlineData("llama.attention.head_count", "many", "llama.attention.head_count is not a number")]
    [InlineData("llama.embedding_length", 128u, "llama.rope.dimension_count is 8; only 16, the width of a head, is known here")]
    public void A_GGUF_that_contradicts_itself_is_refused(string key, object value, string fault)
    {
        string path = _folder.File("good.gguf");
        Model.Export(path, _model.Network, _model.Tokenizer, "gguf");
        string bad = _folder.File("bad.gguf");
        using (GgufFile file = GgufFile.Open(path))
        {
            Dictionary<string, object> values = new(file.Values) { [key] = value };
            Tensor[] tensors = [.. file.Entries.Keys.Select(name => file.ReadTensor(name, _device))];
            GgufFile.Save(bad, values.Select(v => (v.Key, v.Value)), file.Entries.Keys.Zip(tensors, (name, tensor) => new GgufTensor(name, tensor, "F32")));
            Array.ForEach(tensors, tensor => tensor.Dispose());
        }

        EngineException e = Assert.Throws<EngineException>(() => Model.Load(bad, _device));
        Assert.StartsWith(bad, e.Message, StringComparison.Ordinal);
        Assert.Contains(fault, e.Message, StringComparison.Ordinal);
    }

    private float[] Logits(PretrainedModel model)
    {
        using StepScope step = new(_device, recording: false);
        int[] ids = [.. Enumerable.Range(0, 40).Select(i => i * 37 % 512)];
        return ((Llama)model.Network).Logits(step.From<int>(ids, [1, ids.Length])).ToArray();
    }
}
