using Engine.Pretraining.Configuration;
using Engine.Pretraining.Generation;
using Engine.Pretraining.Training;
using Xunit;

namespace Engine.Pretraining.Tests.Training;

public sealed class RunFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static PretrainConfig Short => TinyRun.Config with { MaxSteps = 4, WarmupSteps = 1 };

    private string Run => _folder.File("run");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_in_use_is_refused()
    {
        using RunFolder mine = RunFolder.Create(Run);
        EngineException e = Assert.Throws<EngineException>(() => RunFolder.Create(Run));
        Assert.Equal($"{Run}: the run is in use by another process; wait for it or choose another folder.", e.Message);
    }

    [Fact]
    public void A_folder_that_holds_a_run_is_not_overwritten()
    {
        PretrainRun.Start(Short, Run, new RecordingObserver());
        EngineException e = Assert.Throws<EngineException>(() => PretrainRun.Start(Short, Run, new RecordingObserver()));
        Assert.Contains("already holds a run; continue it with --resume", e.Message);
    }

    [Fact]
    public void A_folder_without_a_run_cannot_be_resumed()
    {
        Assert.Contains("there is no such run folder", Assert.Throws<EngineException>(() => RunFolder.Open(_folder.File("none"))).Message);
        Assert.Contains("holds no run (it has no config.json)", Assert.Throws<EngineException>(() => RunFolder.Open(_folder.Path)).Message);
    }

    [Fact]
    public void A_path_that_cannot_be_a_folder_is_refused()
    {
        string file = _folder.Write("file", [1]);
        Assert.Contains("the run folder cannot be written", Assert.Throws<EngineException>(() => RunFolder.Create(Path.Combine(file, "run"))).Message);
    }

    [Theory]
    [InlineData(Checkpoint.ModelFile)]
    [InlineData(Checkpoint.OptimizerFile)]
    [InlineData(Checkpoint.StateFile)]
    [InlineData(Checkpoint.ConfigFile)]
    [InlineData(Checkpoint.TokenizerFile)]
    [InlineData("SHA256SUMS")]
    public void Every_flipped_bit_and_every_truncation_of_a_checkpoint_is_found(string file)
    {
        PretrainRun.Start(Short, Run, new RecordingObserver());
        string path = Path.Combine(RunFolder.LatestCheckpoint(Run), file);
        byte[] good = File.ReadAllBytes(path);
        using Device device = Device.Open("cpu", 1);
        RandomStream random = new(3, 1);
        for (int i = 0; i < 40; i++)
        {
            byte[] bad = i % 4 == 0 ? good[..(int)random.NextInt(good.Length)] : [.. good];
            if (bad.Length == good.Length)
            {
                bad[random.NextInt(bad.Length)] ^= (byte)(1 << (int)random.NextInt(8));
            }

            File.WriteAllBytes(path, bad);
            EngineException e = Assert.Throws<EngineException>(() => PretrainRun.Resume(Short, Run, new RecordingObserver()));
            Assert.Contains("the checkpoint is damaged", e.Message);
            Assert.Throws<EngineException>(() => TrainedModel.Load(device, Run));
        }

        File.WriteAllBytes(path, good);
        PretrainRun.Resume(Short, Run, new RecordingObserver());
    }
}
