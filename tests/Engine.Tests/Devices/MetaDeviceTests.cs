using Xunit;

namespace Engine.Tests.Devices;

public sealed class MetaDeviceTests
{
    [Fact]
    public void Shapes_are_inferred_without_memory()
    {
        using MetaDevice device = new();
        using StepScope step = new(device, recording: false);
        using Nn.LayerNorm norm = new(device, 1 << 20);
        Tensor x = Tensor.Empty(device, [1 << 11, 1 << 20]);
        using (x)
        {
            Shape same = [1 << 11, 1 << 20];
            Assert.Equal(same, norm.Forward(step.Use(x)).Shape);
        }
    }

    [Fact]
    public void A_value_cannot_be_read()
    {
        using MetaDevice device = new();
        using Tensor x = Tensor.Zeros(device, [3]);
        Assert.Equal(
            "meta: this device holds shapes only, so no value can be read; build the model on another device.",
            Assert.Throws<EngineException>(() => x.ToArray()).Message);
    }
}
