using System.CommandLine;
using System.Globalization;
using Engine.Cli.Output;
using Engine.Pretraining.Classification;
using Engine.Pretraining.Data;
using Engine.Pretraining.Prompting;

namespace Engine.Cli.Commands;

/// <summary><c>engine prompt</c>: classification without training, by what a language model puts into a prompt.</summary>
internal static class PromptCommand
{
    public static Command Create(Host host)
    {
        Command command = new("prompt", "Classify texts by a language model's answers to a prompt, without training.");
        Option<string> run = new("--run") { HelpName = "RUN", Description = "folder of the run of a masked or a causal model [the latest under runs/]" };
        Option<string> template = new("--template") { HelpName = "TEXT", Description = "the prompt, for example \"{text} It was {answer} .\"", Required = true };
        Option<string[]> verbalizer = new("--verbalizer")
        {
            HelpName = "LABEL=WORD,WORD", Description = "the answers that stand for each class: pos=great,nice neg=bad", AllowMultipleArgumentsPerToken = true, Required = true,
        };
        Option<string> data = new("--data") { HelpName = "FILE", Description = "labelled sentences, as of classify: prints the accuracy" };
        Option<string[]> texts = new("--text") { HelpName = "TEXT", Description = "a text: prints the probability of each class", AllowMultipleArgumentsPerToken = true };
        Option<string> calibrate = new("--calibrate") { HelpName = "TEXT", Description = "a text without content, such as N/A, whose scores are taken off (Zhao et al. 2021)" };
        Option<bool> normalize = new("--length-normalization") { Description = "mean log-probability of an answer's tokens in place of the sum" };
        Option<int> batch = NumberOption.Create("--batch-size", 32, 1, 1 << 20, "prompts of a forward pass");
        Option<bool> json = new("--json") { Description = "one JSON object a line" };
        foreach (Option option in new Option[] { run, template, verbalizer, data, texts, calibrate, normalize, batch, json })
        {
            command.Options.Add(option);
        }

        DeviceOptions device = new(command);
        command.SetAction(result =>
        {
            PromptTemplate prompt = new(result.GetRequiredValue(template));
            Verbalizer answers = new(result.GetRequiredValue(verbalizer));
            PromptOptions options = new()
            {
                LengthNormalization = result.GetValue(normalize), ContentFree = result.GetValue(calibrate), BatchSize = result.GetValue(batch),
            };
            string[] given = result.GetValue(texts) ?? [];
            string? file = result.GetValue(data);
            if (file is null && given.Length == 0)
            {
                throw new EngineException("engine prompt: nothing to classify; give --data or --text.");
            }

            IReadOnlyList<LabelledSentence> sentences = file is null ? [] : LabelledSentences.Load(file);
            int[] truth = [.. sentences.Select(s => IndexOf(answers, s, file!))];
            using Device chosen = device.Open(result);
            string folder = result.GetValue(run) ?? LatestRun.For("engine prompt");
            using PromptClassifier classifier = WorkProgress.Show(host, $"loading {Text.Short(folder)}", _ => PromptClassifier.Load(chosen, folder, prompt, answers, options));
            Texts(host, classifier, answers, given, result.GetValue(json));
            if (sentences.Count > 0)
            {
                double[][] scores = WorkProgress.Show(host, "reading sentences", progress => classifier.Score([.. sentences.Select(s => s.Text)], progress));
                Evaluated(host, answers, truth, [.. scores.Select(s => Array.IndexOf(s, s.Max()))], result.GetValue(json));
            }

            return 0;
        });
        return command;
    }

    private static void Texts(Host host, PromptClassifier classifier, Verbalizer answers, string[] texts, bool json)
    {
        foreach ((string text, double[] scores) in texts.Zip(WorkProgress.Show(host, "reading texts", progress => classifier.Score(texts, progress))))
        {
            double most = scores.Max();
            double sum = scores.Sum(s => Math.Exp(s - most));
            double[] shares = [.. scores.Select(s => Math.Exp(s - most) / sum)];
            if (json)
            {
                JsonLines.Write(host.Out, w =>
                {
                    w.WriteString("text", text);
                    foreach ((string label, double share) in answers.Labels.Zip(shares))
                    {
                        w.WriteNumber(label, share);
                    }
                });
            }
            else
            {
                host.Out.Write($"{text}: {string.Join(", ", answers.Labels.Zip(shares, (l, s) => string.Create(CultureInfo.InvariantCulture, $"{l} {s:0.0000}")))}\n");
            }
        }
    }

    private static void Evaluated(Host host, Verbalizer answers, int[] truth, int[] said, bool json)
    {
        int classes = answers.Labels.Count;
        ConfusionMatrix matrix = new(classes, truth, said);
        double majority = (double)truth.CountBy(t => t).Max(c => c.Value) / truth.Length;
        if (json)
        {
            JsonLines.Write(host.Out, w =>
            {
                w.WriteNumber("accuracy", matrix.Accuracy);
                w.WriteNumber("majority", majority);
                w.WriteNumber("count", truth.Length);
            });
            return;
        }

        host.Out.Write(string.Create(CultureInfo.InvariantCulture, $"accuracy {matrix.Accuracy:0.0000} of {truth.Length} sentences; majority {majority:0.0000}\n"));
        for (int i = 0; i < classes; i++)
        {
            host.Out.Write($"  {answers.Labels[i]} was called {string.Join(", ", Enumerable.Range(0, classes).Select(j => $"{answers.Labels[j]} {matrix[i, j]} times"))}\n");
        }
    }

    private static int IndexOf(Verbalizer answers, in LabelledSentence sentence, string name)
    {
        string label = sentence.Label;
        int at = answers.Labels.TakeWhile(l => l != label).Count();
        return at < answers.Labels.Count ? at : throw new EngineException(
            $"{name}:{sentence.Line}: the label {label} is not among the verbalizer's: {string.Join(", ", answers.Labels)}.");
    }
}
