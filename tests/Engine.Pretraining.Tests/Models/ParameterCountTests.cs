using Engine.Nn;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Models;
using Xunit;

namespace Engine.Pretraining.Tests.Models;

/// <summary>Published sizes, counted on models that take no memory.</summary>
public sealed class ParameterCountTests
{
    // Hugging Face's num_parameters() of gpt2, gpt2-medium, gpt2-large and gpt2-xl.
    [Theory]
    [InlineData(768, 12, 12, 124_439_808)]
    [InlineData(1024, 24, 16, 354_823_168)]
    [InlineData(1280, 36, 20, 774_030_080)]
    [InlineData(1600, 48, 25, 1_557_611_200)]
    public void Gpt2_has_the_published_number_of_parameters(int width, int layers, int heads, long expected)
    {
        using MetaDevice device = new();
        using Module model = new Gpt2(device, new Gpt2Config { NEmbd = width, NLayer = layers, NHead = heads });
        Assert.Equal(expected, model.ParameterCount);
    }

    // Touvron et al. 2023 (7B: 6,738,415,616 as Hugging Face counts), Jiang et al. 2023 and 2024 ("46.7B").
    [Theory]
    [InlineData("llama-2-7b", 6_738_415_616)]
    [InlineData("llama-2-13b", 13_015_864_320)]
    [InlineData("llama-2-70b", 68_976_648_192)]
    [InlineData("mistral-7b", 7_241_732_096)]
    [InlineData("mixtral-8x7b", 46_702_792_704)]
    public void Presets_have_the_published_number_of_parameters(string preset, long expected)
    {
        PretrainConfig config = Presets.Get(preset);
        using MetaDevice device = new();
        using Module model = ModelCatalog.Create(device, config, config.VocabSize);
        Assert.Equal(expected, model.ParameterCount);
    }
}
