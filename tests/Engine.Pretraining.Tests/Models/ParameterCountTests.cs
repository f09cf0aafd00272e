using Engine.Nn;
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
}
