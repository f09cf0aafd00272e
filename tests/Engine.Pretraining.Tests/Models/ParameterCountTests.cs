using Engine.Nn;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Models;
using Xunit;

namespace Engine.Pretraining.Tests.Models;

/// <summary>Published sizes, counted on models that take no memory.</summary>
public sealed class ParameterCountTests
{
    // Hugging Face's num_parameters() of gpt2, gpt2-medium, gpt2-large and gpt2-xl.
    // Touvron et al. 2023 (7B: 6,738,415,616 as Hugging Face counts), Jiang et al. 2023 and 2024 ("46.7B"), Raffel et al. 2020 (as Hugging Face counts).
    [Theory]
    [InlineData("gpt2", 124_439_808)]
    [InlineData("gpt2-medium", 354_823_168)]
    [InlineData("gpt2-large", 774_030_080)]
    [InlineData("gpt2-xl", 1_557_611_200)]
    [InlineData("llama-2-7b", 6_738_415_616)]
    [InlineData("llama-2-13b", 13_015_864_320)]
    [InlineData("llama-2-70b", 68_976_648_192)]
    [InlineData("mistral-7b", 7_241_732_096)]
    [InlineData("mixtral-8x7b", 46_702_792_704)]
    [InlineData("t5-small", 60_506_624)]
    [InlineData("t5-base", 222_903_552)]
    public void Presets_have_the_published_number_of_parameters(string preset, long expected)
    {
        PretrainConfig config = Presets.Get(preset);
        using MetaDevice device = new();
        using Module model = ModelCatalog.Create(device, config, config.VocabSize);
        Assert.Equal(expected, model.ParameterCount);
    }

    // num_parameters() of Hugging Face's BertModel, BertForPreTraining, RobertaForMaskedLM and AlbertModel with the published configs.
    [Theory]
    [InlineData("bert-base", "bert.", 109_482_240)]
    [InlineData("bert-base", "", 110_106_428)]
    [InlineData("bert-large", "bert.", 335_141_888)]
    [InlineData("roberta-base", "", 124_697_433)]
    [InlineData("albert-base", "albert.", 11_683_584)]
    [InlineData("albert-large", "albert.", 17_683_968)]
    public void An_encoder_has_the_published_number_of_parameters(string preset, string part, long expected)
    {
        PretrainConfig config = Presets.Get(preset);
        using MetaDevice device = new();
        using Module model = ModelCatalog.Create(device, config, config.VocabSize);
        Assert.Equal(expected, Count(model, part));
    }

    // ElectraForPreTraining of electra-small, "14M": trained on 128 tokens, but with 512 positions.
    [Fact]
    public void Electra_small_has_the_published_number_of_parameters()
    {
        using MetaDevice device = new();
        using Module model = new Electra(device, new EncoderConfig { HiddenSize = 256, EmbeddingSize = 128, NumAttentionHeads = 4, IntermediateSize = 1024 });
        Assert.Equal(13_549_057, Count(model, "discriminator."));
    }

    private static long Count(Module model, string part) =>
        model.Parameters.Where(p => p.Name.StartsWith(part, StringComparison.Ordinal)).Sum(p => p.Master.Count);

    // google/t5-v1_1-small: a gated feed-forward part and an output layer of its own.
    [Fact]
    public void T5_1_1_has_the_published_number_of_parameters()
    {
        using MetaDevice device = new();
        using Module model = new T5(device, new T5Config { DFf = 1024, NumLayers = 8, NumHeads = 6, FeedForwardProj = "gated-gelu", TieWordEmbeddings = false });
        Assert.Equal(76_961_152, model.ParameterCount);
    }
}
