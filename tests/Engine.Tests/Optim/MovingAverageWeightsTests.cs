using Engine.Optim;
using Xunit;

namespace Engine.Tests.Optim;

public sealed class MovingAverageWeightsTests
{
    [Fact]
    public void Swap_exchanges_and_restores()
    {
        using CpuDevice device = new(threads: 1);
        using OptimModel model = OptimModel.Random(device, [33], [2, 2]);
        float[] start = model.Parameters[0].Value.ToArray();
        using MovingAverageWeights average = new(model.Parameters, 0.5);
        float[] moved = [.. start.Select(x => x + 2)];
        model.Parameters[0].Value.Load<float>(moved);
        average.Update();
        average.Swap();
        Assert.Equal(start.Zip(moved, (e, p) => e + (0.5f * (p - e))), model.Parameters[0].Value.ToArray());
        average.Swap();
        Assert.Equal(moved, model.Parameters[0].Value.ToArray());
        Assert.Equal(["a.ema", "b.ema"], average.StateTensors.Select(s => s.Name));
    }

    [Fact]
    public void A_wrong_decay_is_named()
    {
        EngineException e = Assert.Throws<EngineException>(() => new MovingAverageWeights([], 1));
        Assert.Equal("MovingAverageWeights: decay is 1, expected at least 0 and below 1.", e.Message);
    }
}
