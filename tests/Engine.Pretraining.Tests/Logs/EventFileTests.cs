using System.Text;
using System.Text.Json;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Logs;
using Engine.Pretraining.Tests.Training;
using Engine.Pretraining.Training;
using Engine.Testing;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Pretraining.Tests.Logs;

public sealed class EventFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Run => _folder.File("run");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("", 0x00000000)]
    [InlineData("123456789", 0xE3069283)] // the check value of CRC-32C in Koopman's and Williams's catalogues
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 0x8A9136AA)] // RFC 3720, B.4
    public void Checksums_are_those_of_the_standard(string text, uint crc)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(text);
        Assert.Equal(crc, EventReader.Crc32C(bytes));
        Assert.Equal(uint.RotateRight(crc, 15) + 0xA282EAD8, EventFile.MaskedCrc(bytes));
    }

    [Fact]
    public void Any_tags_numbers_and_texts_come_back() => Prop.ForAll(
        ArbMap.Default.ArbFor<long>(), ArbMap.Default.ArbFor<NonNull<string>>(), ArbMap.Default.ArbFor<float>(), (step, text, number) =>
    {
        using TemporaryFolder folder = new();
        string name = Unicode(text.Get), content = name.ReplaceLineEndings("\n");
        using (EventFile file = EventFile.Create(folder.Path, 3))
        {
            file.Begin(step).Scalar(name, number).Text(name, content).End();
        }

        List<LoggedEvent> events = EventReader.ReadRun(folder.Path);
        Assert.Equal("brain.Event:2", events[0].Version);
        Assert.True(events[1].StartsSession);
        Assert.Equal(3, events[1].Step);
        Assert.Equal(step, events[2].Step);
        Assert.Equal(number, Assert.Single(events[2].Scalars, s => s.Key == name).Value);
        Assert.Equal("    " + content.Replace("\n", "\n    ", StringComparison.Ordinal), Assert.Single(events[2].Texts, t => t.Key == name + "/text_summary").Value);
        return events.Count == 3;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_is_on_disk_is_whole_at_any_moment_and_new_files_sort_behind_old_ones()
    {
        _folder.Write("events.out.tfevents.9999999998.engine", []);
        using EventFile file = EventFile.Create(_folder.Path, 0);
        string path = EventFile.In(_folder.Path).Last();
        Assert.EndsWith("events.out.tfevents.9999999999.engine", path);
        int seen = 2;
        for (int step = 0; step < 2000; step++)
        {
            file.Begin(step).Scalar("train/loss", step).End();
            if (step % 7 == 0)
            {
                int count = EventReader.Read(path).Count;
                Assert.InRange(count, seen, step + 3);
                seen = count;
            }
        }

        Assert.InRange(seen, 1500, 2001);
        file.Flush();
        Assert.Equal(2002, EventReader.Read(path).Count);
    }

    [Fact]
    public void A_run_has_the_figures_of_its_metrics_its_samples_and_its_configuration()
    {
        RecordingObserver observer = new();
        PretrainRun.Start(TinyRun.Config, Run, observer);
        List<LoggedEvent> events = EventReader.ReadRun(Run);
        Assert.Contains("\"n_embd\": 16", Assert.Single(events, e => e.Texts.ContainsKey("config/text_summary")).Texts.Values.Single());
        Assert.Equal(observer.Samples.Keys, events.Where(e => e.Texts.ContainsKey("sample/text_summary")).Select(e => e.Step));
        Dictionary<string, string> tags = new()
        {
            ["loss"] = "train/loss", ["grad_norm"] = "train/grad_norm", ["learning_rate"] = "train/lr", ["memory_bytes"] = "memory/peak_bytes", ["val_loss"] = "validation/loss",
        };
        List<LoggedEvent> scalars = [.. events.Where(e => e.Scalars.Count > 0)];
        string[] lines = File.ReadAllLines(Path.Combine(Run, "metrics.jsonl"));
        Assert.Equal(lines.Length, scalars.Count);
        foreach ((string line, LoggedEvent e) in lines.Zip(scalars))
        {
            JsonElement json = JsonDocument.Parse(line).RootElement;
            Assert.Equal(json.GetProperty("step").GetInt64(), e.Step);
            foreach (JsonProperty figure in json.EnumerateObject().Where(p => tags.ContainsKey(p.Name)))
            {
                Assert.Equal((float)figure.Value.GetDouble(), e.Scalars[tags[figure.Name]]);
            }
        }

        Assert.True(events.Where(e => e.Scalars.ContainsKey("memory/peak_bytes")).All(e => e.Scalars["memory/peak_bytes"] > 1000));
    }

    [Fact]
    public void A_resumed_run_begins_a_file_that_replaces_the_steps_after_the_checkpoint()
    {
        RecordingObserver first = new() { StopAfter = 20 };
        PretrainConfig config = TinyRun.Config;
        PretrainRun.Start(config, Run, first, stop: first.Stop);
        foreach (long step in RunFolder.CheckpointsIn(Run).Where(s => s > 12))
        {
            Directory.Delete(RunFolder.CheckpointPath(Run, step), recursive: true);
        }

        PretrainRun.Resume(config, Run, new RecordingObserver());
        Assert.Equal(2, EventFile.In(Run).Count());
        List<LoggedEvent> events = EventReader.ReadRun(Run);
        Assert.Equal(Enumerable.Range(1, 24).Select(s => (long)s), events.Where(e => e.Scalars.ContainsKey("train/loss")).Select(e => e.Step));
        Assert.Equal([0L, 8, 16, 24], events.Where(e => e.Scalars.ContainsKey("validation/loss")).Select(e => e.Step));
    }

    [Fact]
    public void Logging_a_step_allocates_no_managed_memory()
    {
        using RunFolder run = RunFolder.Create(Run);
        using RunLog log = RunLog.Open(run, 0);
        int step = 0;
        StepReport report = new(1, 100, 2.5f, 1.5f, 1e-3f, 12345.6, TimeSpan.FromMinutes(1), 1 << 20, new Optim.LossScaler.State(65536, 3, 1));
        Steps();
        Assert.Equal(0, Allocations.Of(Steps));

        void Steps()
        {
            for (int i = 0; i < 500; i++)
            {
                log.Write(report with { Step = ++step });
            }
        }
    }

    // FsCheck's strings have lone surrogates, which UTF-8 has no bytes for.
    private static string Unicode(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
