using System.CommandLine;
using Engine.Cli.Output;
using Engine.Pretraining.Objectives;

namespace Engine.Cli.Commands;

/// <summary><c>engine objectives</c>: every way to pre-train, with its paper, its formula and a preset to start with.</summary>
internal static class ObjectivesCommand
{
    public static Command Create(Host host)
    {
        Command command = new("objectives", "List the pre-training objectives: paper, formula, models, preset.");
        Option<bool> json = new("--json") { Description = "one JSON object a line" };
        command.Options.Add(json);
        command.SetAction(result =>
        {
            foreach (ObjectiveEntry objective in ObjectiveCatalog.All)
            {
                if (result.GetValue(json))
                {
                    WriteJson(host.Out, objective);
                }
                else
                {
                    host.Out.Write(
                        $"{objective.Name}: {objective.Title}\n    {objective.Paper}\n    loss: {objective.Formula}\n" +
                        $"    models: {string.Join(", ", objective.Models)}\n    start with: engine pretrain --preset {objective.Preset}\n");
                }
            }

            return 0;
        });
        return command;
    }

    private static void WriteJson(TextWriter output, ObjectiveEntry objective) => JsonLines.Write(output, w =>
    {
        w.WriteString("name", objective.Name);
        w.WriteString("title", objective.Title);
        w.WriteString("paper", objective.Paper);
        w.WriteString("loss", objective.Formula);
        w.WriteStartArray("models");
        foreach (string model in objective.Models)
        {
            w.WriteStringValue(model);
        }

        w.WriteEndArray();
        w.WriteString("preset", objective.Preset);
    });
}
