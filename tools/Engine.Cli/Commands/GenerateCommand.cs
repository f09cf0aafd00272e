using System.CommandLine;
using Engine.Cli.Output;
using Engine.Pretraining.Generation;

namespace Engine.Cli.Commands;

/// <summary><c>engine generate</c>: text from a run's newest checkpoint or from somebody else's model.</summary>
internal static class GenerateCommand
{
    public static Command Create(Host host)
    {
        Command command = new("generate", "Write text with a trained model.");
        TextModelOptions models = new(command);
        Option<string> prompt = new("--prompt") { HelpName = "TEXT", Description = "what the text begins with [a line break]", DefaultValueFactory = _ => string.Empty };
        Option<int> tokens = NumberOption.Create("--tokens", 500, 0, 1_000_000, "tokens to write after the prompt");
        Option<float> temperature = NumberOption.Create("--temperature", 0.8f, 0f, 100f, "below 1 safer, above 1 wilder; 0 takes the most likely token");
        Option<int> topK = NumberOption.Create("--top-k", 0, 0, int.MaxValue, "draw from the k most likely tokens; 0 = all");
        Option<float> topP = NumberOption.Create("--top-p", 1f, 1e-6f, 1f, "draw from the most likely tokens that reach this probability (Holtzman et al. 2020)");
        Option<float> minP = NumberOption.Create("--min-p", 0f, 0f, 1f, "draw from tokens at least this many times as likely as the likeliest (Nguyen et al. 2024)");
        Option<float> penalty = NumberOption.Create("--repetition-penalty", 1f, 1e-3f, 1000f, "makes tokens that stand in the text already less likely (Keskar et al. 2019); 1 = not");
        Option<string[]> stopText = new("--stop") { HelpName = "TEXT", Description = "the text ends before this; may be given several times" };
        Option<ulong> seed = NumberOption.Create("--seed", 1337UL, 0UL, ulong.MaxValue, "the same seed writes the same text");
        Option<bool> json = new("--json") { Description = "one JSON object" };
        foreach (Option option in new Option[] { prompt, tokens, temperature, topK, topP, minP, penalty, stopText, seed, json })
        {
            command.Options.Add(option);
        }

        DeviceOptions device = new(command);
        command.SetAction(result =>
        {
            SamplingOptions sampling = new()
            {
                Tokens = result.GetValue(tokens),
                Temperature = result.GetValue(temperature),
                TopK = result.GetValue(topK),
                TopP = result.GetValue(topP),
                MinP = result.GetValue(minP),
                RepetitionPenalty = result.GetValue(penalty),
                Stop = result.GetValue(stopText) ?? [],
                Seed = result.GetValue(seed),
            };
            string start = result.GetRequiredValue(prompt);
            using StopSignal signal = new(host);
            using Device chosen = device.Open(result);
            using TrainedModel model = models.Load("engine generate", chosen, result, out _);
            IEnumerable<string> pieces = model.Continue(start, sampling, signal.Token);
            if (result.GetValue(json))
            {
                string text = string.Concat(pieces);
                JsonLines.Write(host.Out, w =>
                {
                    w.WriteString("checkpoint", model.CheckpointPath);
                    w.WriteString("prompt", start);
                    w.WriteString("text", text);
                });
                return 0;
            }

            host.Out.Write(start);
            foreach (string piece in pieces)
            {
                host.Out.Write(piece);
                host.Out.Flush();
            }

            host.Out.Write("\n");
            return 0;
        });
        return command;
    }
}
