using Engine.Optim;
using Xunit;

namespace Engine.Tests.Optim;

public sealed class LossScalerTests
{
    [Fact]
    public void Grows_after_2000_good_steps_in_a_row_and_halves_at_an_overflow()
    {
        LossScaler scaler = new();
        Assert.Equal(65536, scaler.Scale);
        for (int i = 0; i < 1999; i++)
        {
            Assert.True(scaler.Update(finite: true));
        }

        Assert.Equal(65536, scaler.Scale);
        Assert.True(scaler.Update(finite: true));
        Assert.Equal(new LossScaler.State(131072, 0, 0), scaler.Present);
        Assert.True(scaler.Update(finite: true));
        Assert.False(scaler.Update(finite: false));
        Assert.Equal(new LossScaler.State(65536, 0, 1), scaler.Present);
        Assert.False(scaler.Update(finite: false));
        Assert.Equal(new LossScaler.State(32768, 0, 2), scaler.Present);
    }

    [Fact]
    public void Goes_on_from_a_state_as_if_it_had_not_stopped()
    {
        LossScaler whole = new();
        LossScaler first = new();
        RandomStream random = new(1, 1);
        bool[] finite = [.. Enumerable.Range(0, 5000).Select(_ => random.NextInt(700) > 0)];
        foreach (bool f in finite)
        {
            whole.Update(f);
        }

        foreach (bool f in finite[..2345])
        {
            first.Update(f);
        }

        LossScaler second = new(first.Present);
        foreach (bool f in finite[2345..])
        {
            second.Update(f);
        }

        Assert.Equal(whole.Present, second.Present);
        Assert.InRange(whole.Present.SkippedSteps, 1, 100);
    }

    [Fact]
    public void A_state_that_cannot_be_is_refused()
    {
        Assert.Equal(
            "LossScaler: scale is 0, expected a finite number above 0.",
            Assert.Throws<EngineException>(() => new LossScaler(new LossScaler.State(0, 0, 0))).Message);
        Assert.Equal(
            "LossScaler: good steps is -1, expected at least 0.",
            Assert.Throws<EngineException>(() => new LossScaler(new LossScaler.State(1, -1, 0))).Message);
    }
}
