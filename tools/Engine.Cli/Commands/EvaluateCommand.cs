using System.CommandLine;
using Engine.Cli.Output;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Objectives;
using Engine.Pretraining.Training;

namespace Engine.Cli.Commands;

/// <summary><c>engine evaluate</c>: the validation loss of a run's newest checkpoint, also on other data or longer sequences.</summary>
internal static class EvaluateCommand
{
    // What may differ from training without making it another model.
    private static readonly string[] s_keys = ["objective", "data", "val_fraction", "block_size", "batch_size", "eval_batches", "precision", "device", "threads"];

    public static Command Create(Host host)
    {
        Command command = new("evaluate", "Compute the validation loss of a run's newest checkpoint.");
        Option<string> run = new("--run") { HelpName = "RUN", Description = "folder of the run [the latest under runs/]" };
        Option<bool> json = new("--json") { Description = "one JSON object" };
        command.Options.Add(run);
        command.Options.Add(json);
        List<(string Key, Option<string> Option)> changes = [];
        foreach (ConfigField field in ConfigFields.All.Where(f => s_keys.Contains(f.Key)))
        {
            string dashed = "--" + field.Key.Replace('_', '-');
            Option<string> option = new(dashed, dashed == "--" + field.Key ? [] : ["--" + field.Key]) { HelpName = "VALUE", Description = $"{field.Doc} [as trained]" };
            changes.Add((field.Key, option));
            command.Options.Add(option);
        }

        command.SetAction(result =>
        {
            string folder = result.GetValue(run) ?? LatestRun.For("engine evaluate");
            EvaluationReport report = WorkProgress.Show(host, $"loading {Text.Short(folder)}", progress => Evaluation.Of(
                folder, changes.Where(c => result.GetValue(c.Option) is not null).Select(c => ConfigEntry.FromCommandLine(c.Key, result.GetValue(c.Option)!)), progress));
            if (result.GetValue(json))
            {
                JsonLines.Write(host.Out, w =>
                {
                    w.WriteString("run", folder);
                    w.WriteNumber("step", report.Step);
                    w.WriteNumberOrNull("val_loss", report.Loss);
                    w.WriteNumber("batches", report.Batches);
                    foreach (EvaluationFigure figure in report.Figures ?? [])
                    {
                        w.WriteNumberOrNull(figure.Name, figure.Value);
                    }
                });
                return 0;
            }

            host.Out.Write($"{Text.Short(folder)}, step {report.Step}: validation loss {report.Loss:0.0000} ({report.Batches} batches){Text.Figures(report.Figures)}\n");
            return 0;
        });
        return command;
    }
}
