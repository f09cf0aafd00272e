using Engine.Pretraining.Logs;
using Xunit;

namespace Engine.Pretraining.Tests.Logs;

public sealed class MetricsLogTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData(0, "")]
    [InlineData(1, "{\"step\":0,\"val_loss\":4}\n{\"step\":1,\"loss\":4}\n")]
    [InlineData(2, "{\"step\":0,\"val_loss\":4}\n{\"step\":1,\"loss\":4}\n{\"step\":2,\"loss\":3}\n")]
    [InlineData(9, "{\"step\":0,\"val_loss\":4}\n{\"step\":1,\"loss\":4}\n{\"step\":2,\"loss\":3}\n")]
    public void Resuming_keeps_the_lines_up_to_the_checkpoint_and_none_at_step_0(long step, string kept)
    {
        File.WriteAllText(_file, "{\"step\":0,\"val_loss\":4}\n{\"step\":1,\"loss\":4}\n{\"step\":2,\"loss\":3}\n{\"step\":3,\"lo");
        MetricsLog.Open(_file, step).Dispose();
        Assert.Equal(kept, File.ReadAllText(_file));
    }
}
