using System.CommandLine;
using Engine.Cli.Output;
using Engine.Pretraining.Hub;

namespace Engine.Cli.Commands;

/// <summary><c>engine export</c>: a model in the formats of others.</summary>
internal static class ExportCommand
{
    private static readonly string[] s_types = ["F32", "F16", "BF16", "I8", "Q8_0", "Q4_0", "Q4_K"];

    public static Command Create(Host host)
    {
        Command command = new("export", "Write a model for other programs: a Hugging Face folder, GGUF, NumPy or ONNX.");
        Option<string> model = new("--model") { HelpName = "PATH", Description = "a run, a Hugging Face folder, a GGUF or a llama2.c file", Required = true };
        Option<string> to = new("--to") { HelpName = "PATH", Description = "the folder (hf) or file (others) to write", Required = true };
        Option<string> format = ChoiceOption.Create("--format", "NAME", $"{string.Join(", ", Model.Formats)} [hf]", Model.Formats);
        Option<string> type = ChoiceOption.Create("--type", "TYPE", "of matrices: F32, F16, BF16; in hf also I8, in gguf Q8_0, Q4_0, Q4_K [F32]", s_types);
        foreach (Option option in new Option[] { model, to, format, type })
        {
            command.Options.Add(option);
        }

        command.SetAction(result =>
        {
            using Device device = Device.Open("cpu");
            string from = result.GetRequiredValue(model);
            using PretrainedModel loaded = WorkProgress.Show(host, $"loading {Text.Short(from)}", _ => Model.Load(from, device));
            string path = result.GetRequiredValue(to);
            string form = result.GetValue(format) ?? "hf";
            WorkProgress.Show(host, $"writing {Text.Short(path)}", _ => Model.Export(path, loaded.Network, loaded.Tokenizer, form, result.GetValue(type) ?? "F32"));
            string left = loaded.NewParameters.Count > 0 ? $"; {loaded.NewParameters.Count} parameters that {loaded.Path} lacks have first values" : string.Empty;
            host.Out.Write($"{path}: {loaded.Architecture}, {loaded.Network.ParameterCount} parameters, {form}{left}\n");
            return 0;
        });
        return command;
    }
}
