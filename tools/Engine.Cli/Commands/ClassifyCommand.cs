using System.CommandLine;
using System.Globalization;
using Engine.Cli.Output;
using Engine.Pretraining.Classification;
using Engine.Pretraining.Data;

namespace Engine.Cli.Commands;

/// <summary><c>engine classify</c>: how well a run's encoder serves a task of sentence classification, beside one that was not trained.</summary>
internal static class ClassifyCommand
{
    public static Command Create(Host host)
    {
        Command command = new("classify", "Fine-tune or probe a run's encoder on labelled sentences.");
        Option<string> run = new("--run") { HelpName = "RUN", Description = "folder of the run [the latest under runs/]" };
        Option<string> data = new("--data") { HelpName = "FILE", Description = "sentences to train on: lines \"label sentence\", or .tsv, .csv, .jsonl with label and text", Required = true };
        Option<string> test = new("--test") { HelpName = "FILE", Description = "sentences to test on", Required = true };
        Option<bool> freeze = new("--freeze") { Description = "a probe: logistic regression on the frozen encoder's vectors" };
        Option<bool> random = new("--random-init") { Description = "the same encoder with random weights instead" };
        Option<bool> compare = new("--compare-random") { Description = "both, one after the other" };
        Option<Pooling?> pooling = ChoiceOption.Create<Pooling?>(
            "--pooling", "NAME", "how states become one vector: mean, cls or last [a probe: mean; otherwise the model's]",
            ("mean", Pooling.Mean), ("cls", Pooling.Cls), ("last", Pooling.Last));
        Option<int> epochs = NumberOption.Create("--epochs", 0, 0, 10_000, "passes over the data; 0 = 3, a probe's 20");
        Option<double> rate = NumberOption.Create("--learning-rate", 0.0, 0.0, 100.0, "peak learning rate; 0 = 5e-4, a probe's 1e-2");
        Option<int> batch = NumberOption.Create("--batch-size", 32, 1, 1 << 20, "sentences of a step");
        Option<int> length = NumberOption.Create("--max-length", 128, 2, 1 << 20, "tokens to which longer sentences are cut");
        Option<int> seeds = NumberOption.Create("--seeds", 3, 1, 1000, "seeds to train and average over");
        Option<ulong> seed = NumberOption.Create("--seed", 1UL, 0UL, ulong.MaxValue, "the first of them");
        Option<bool> json = new("--json") { Description = "one JSON object" };
        foreach (Option option in new Option[] { run, data, test, freeze, random, compare, pooling, epochs, rate, batch, length, seeds, seed, json })
        {
            command.Options.Add(option);
        }

        DeviceOptions device = new(command);
        command.SetAction(result =>
        {
            ClassificationOptions usual = result.GetValue(freeze) ? ClassificationOptions.Probe : new();
            ClassificationOptions options = usual with
            {
                Pooling = result.GetValue(pooling),
                Epochs = result.GetValue(epochs) is > 0 and int e ? e : usual.Epochs,
                LearningRate = result.GetValue(rate) is > 0 and double r ? r : usual.LearningRate,
                BatchSize = result.GetValue(batch),
                MaxLength = result.GetValue(length),
                Seeds = result.GetValue(seeds),
                Seed = result.GetValue(seed),
            };
            EncoderStart start = result.GetValue(compare) ? EncoderStart.Pretrained | EncoderStart.Random
                : result.GetValue(random) ? EncoderStart.Random : EncoderStart.Pretrained;
            string folder = result.GetValue(run) ?? LatestRun.For("engine classify");
            string testFile = result.GetRequiredValue(test);
            IReadOnlyList<LabelledSentence> training = LabelledSentences.Load(result.GetRequiredValue(data));
            IReadOnlyList<LabelledSentence> held = LabelledSentences.Load(testFile);
            using StopSignal signal = new(host);
            using Device chosen = device.Open(result);
            ClassificationReport report = WorkProgress.Show(host, $"loading {Output.Text.Short(folder)}", progress =>
                SentenceClassification.Run(chosen, folder, training, testFile, held, start, options, progress, signal.Token));
            if (result.GetValue(json))
            {
                Json(host, folder, options, report);
            }
            else
            {
                Plain(host, folder, options, report);
            }

            return 0;
        });
        return command;
    }

    private static void Plain(Host host, string run, ClassificationOptions options, ClassificationReport report)
    {
        host.Out.Write(Invariant(
            $"{Output.Text.Short(run)}, {(options.Freeze ? "probe of the frozen encoder" : "fine-tuned")}: {report.Training} sentences to train on, {report.Test} to test, {report.Labels.Count} classes\n"));
        foreach (ClassificationResult result in report.Results)
        {
            string spread = result.Accuracies.Count > 1 ? Invariant($" ± {result.StandardDeviation:0.0000} over {result.Accuracies.Count} seeds") : string.Empty;
            host.Out.Write(Invariant($"{result.Name,-12} accuracy {result.Mean:0.0000}{spread}\n"));
        }

        host.Out.Write(Invariant($"{"majority",-12} accuracy {report.Majority:0.0000}\n"));
        foreach (ClassificationResult result in report.Results)
        {
            host.Out.Write($"{result.Name}, seed {options.Seed}: true class, then how often it was called {string.Join(", ", report.Labels)}\n");
            for (int i = 0; i < report.Labels.Count; i++)
            {
                host.Out.Write($"  {report.Labels[i]}: {string.Join(", ", Enumerable.Range(0, report.Labels.Count).Select(j => result.Confusion[i, j]))}\n");
            }
        }
    }

    private static void Json(Host host, string run, ClassificationOptions options, ClassificationReport report) => JsonLines.Write(host.Out, w =>
    {
        w.WriteString("run", run);
        w.WriteBoolean("freeze", options.Freeze);
        w.WriteNumber("train", report.Training);
        w.WriteNumber("test", report.Test);
        w.WriteNumber("majority", report.Majority);
        foreach (ClassificationResult result in report.Results)
        {
            w.WriteStartObject(result.Name);
            w.WriteNumber("accuracy", result.Mean);
            w.WriteNumberOrNull("standard_deviation", result.StandardDeviation);
            w.WriteStartArray("accuracies");
            foreach (double accuracy in result.Accuracies)
            {
                w.WriteNumberValue(accuracy);
            }

            w.WriteEndArray();
            w.WriteEndObject();
        }
    });

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
