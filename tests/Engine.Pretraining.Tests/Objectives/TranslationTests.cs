using Engine.Optim;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Objectives;
using Engine.Pretraining.Tests.Tokenizers;
using Engine.Pretraining.Tokenizers;
using Engine.Pretraining.Training;
using Xunit;

namespace Engine.Pretraining.Tests.Objectives;

public sealed class TranslationTests : IDisposable
{
    private readonly CpuDevice _device = new(2);
    private readonly TemporaryFolder _folder = new();
    private readonly PretrainConfig _config;

    public TranslationTests()
    {
        // Twelve pairs, twice: the second half validates, so that what is learned by heart can be measured.
        string[] subjects = ["the dog", "a man", "her cat"];
        string[] verbs = ["sees it", "runs on", "is old", "sits by"];
        string[] lines = [.. subjects.SelectMany(s => verbs.Select(v => $"{s} {v} ."))];
        string[] targets = [.. lines.Select(l => string.Join(' ', l.Split(' ').Reverse()))];
        File.WriteAllLines(_folder.File("source"), [.. lines, .. lines]);
        File.WriteAllLines(_folder.File("target"), [.. targets, .. targets]);
        _config = new PretrainConfig
        {
            Objective = "translation", Model = "transformer", Data = _folder.File("source"), DataTarget = _folder.File("target"), Tokenizer = "byte",
            ValFraction = 0.5, NLayer = 1, NHead = 2, NEmbd = 32, BlockSize = 24, BatchSize = 12, EvalBatches = 1, LabelSmoothing = 0.1,
        };
    }

    public void Dispose()
    {
        _folder.Dispose();
        _device.Dispose();
    }

    [Fact]
    public void Pairs_are_learned_by_heart()
    {
        using PretrainTask task = Task(_config);
        Assert.True(Bleu(task) < 10);
        using AdamW optimizer = new([new ParameterGroup(task.Model.Parameters)], beta2: 0.98, eps: 1e-9);
        task.Train(optimizer, steps: 400, step => 3e-3 * Math.Min(1, (step + 1) / 40.0));
        double bleu = Bleu(task);
        Assert.True(bleu > 90, $"BLEU {bleu}");
        string[] sample = task.Sample!(400).Split('\n');
        Assert.Equal(sample[1]["reference: ".Length..], sample[2]["written:   ".Length..].Split(" (")[0]);
    }

    [Fact]
    public void A_steady_step_allocates_nothing()
    {
        using PretrainTask task = Task(_config);
        task.AssertSteady();
    }

    [Fact]
    public void Mistakes_are_sentences()
    {
        Assert.Equal(
            $"objective translation: data = {_config.Data} names the source lines; set data_target to the file with their translations.",
            Message(_config with { DataTarget = string.Empty }, new MarkedBytes()));
        Assert.Equal(
            "objective translation: the vocabulary of tokenizer byte has no end token; take a tokenizer that has one, for example tokenizer = wordpiece.",
            Message(_config, new ByteTokenizer()));
        File.AppendAllText(_config.DataTarget, "one more\n");
        Assert.EndsWith(
            "target has 25; in a parallel corpus line i of one is the translation of line i of the other.", Message(_config, new MarkedBytes()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_corpus_is_found()
    {
        using PretrainTask task = Task(_config);
        using (Task(_config, task.Fingerprint))
        {
            // The same pairs are welcome.
        }

        File.WriteAllLines(_config.Data, File.ReadAllLines(_config.Data).Reverse());
        Assert.EndsWith(
            "restore the corpus or start a new run.", Assert.Throws<EngineException>(() => Task(_config, task.Fingerprint)).Message, StringComparison.Ordinal);
    }

    private static string Message(PretrainConfig config, ITokenizer tokenizer)
    {
        using CpuDevice device = new(1);
        return Assert.Throws<EngineException>(() => ObjectiveCatalog.Get("translation").Create(new TaskContext(device, config, tokenizer))).Message;
    }

    private PretrainTask Task(PretrainConfig config, ulong? fingerprint = null) =>
        ObjectiveCatalog.Get("translation").Create(new TaskContext(_device, config, new MarkedBytes(sentinels: 0), fingerprint));

    private static double Bleu(PretrainTask task)
    {
        task.Evaluate();
        return task.Objective.TakeFigures().Single(f => f.Name == "bleu").Value;
    }
}
