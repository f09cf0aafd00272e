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
        Option<string> run = new("--run") { HelpName = "RUN", Description = "folder of the run [the latest under runs/]" };
        Option<string> pretrained = PretrainedOption();
        Option<string> tokenizer = TokenizerOption();
        Option<string> prompt = new("--prompt") { HelpName = "TEXT", Description = "what the text begins with [a line break]", DefaultValueFactory = _ => string.Empty };
        Option<int> tokens = NumberOption.Create("--tokens", 500, 0, 1_000_000, "tokens to write after the prompt");
        Option<float> temperature = NumberOption.Create("--temperature", 0.8f, 0f, 100f, "below 1 safer, above 1 wilder; 0 takes the most likely token");
        Option<int> topK = NumberOption.Create("--top-k", 0, 0, int.MaxValue, "draw from the k most likely tokens; 0 = all");
        Option<float> topP = NumberOption.Create("--top-p", 1f, 1e-6f, 1f, "draw from the most likely tokens that reach this probability (Holtzman et al. 2020)");
        Option<float> minP = NumberOption.Create("--min-p", 0f, 0f, 1f, "draw from tokens at least this many times as likely as the likeliest (Nguyen et al. 2024)");
        Option<float> penalty = NumberOption.Create("--repetition-penalty", 1f, 1e-3f, 1000f, "makes tokens that stand in the text already less likely (Keskar et al. 2019); 1 = not");
        Option<string[]> stopText = new("--stop") { HelpName = "TEXT", Description = "the text ends before this; may be given several times" };
        Option<ulong> seed = NumberOption.Create("--seed", 1337UL, 0UL, ulong.MaxValue, "the same seed writes the same text");
        Option<DType> weights = WeightsOption();
        Option<string> device = new("--device") { HelpName = "NAME", Description = "auto, cpu, cuda, cuda:N, opencl or opencl:N [auto]", DefaultValueFactory = _ => "auto" };
        Option<int> threads = NumberOption.Create("--threads", 0, 0, 1024, "CPU worker threads; 0 = one for each processor");
        Option<bool> json = new("--json") { Description = "one JSON object" };
        foreach (Option option in new Option[] { run, pretrained, tokenizer, prompt, tokens, temperature, topK, topP, minP, penalty, stopText, seed, weights, device, threads, json })
        {
            command.Options.Add(option);
        }

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
            using Device chosen = Device.Open(result.GetRequiredValue(device), result.GetValue(threads));
            using TrainedModel model = Load("engine generate", chosen, result.GetValue(run), result.GetValue(pretrained), result.GetValue(tokenizer), out _);
            model.Model.StoreAs(result.GetValue(weights));
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

    /// <summary>Somebody else's model.</summary>
    public static Option<string> PretrainedOption() =>
        new("--model") { HelpName = "PATH", Description = "instead of a run: a Hugging Face folder, a GGUF or a llama2.c file" };

    /// <summary>Its vocabulary.</summary>
    public static Option<string> TokenizerOption() =>
        new("--tokenizer") { HelpName = "PATH", Description = "file or folder of the tokenizer of --model [beside the weights]" };

    /// <summary>Loads a run or somebody else's model, by default the latest run.</summary>
    /// <param name="command">Who asks.</param>
    /// <param name="device">Where to.</param>
    /// <param name="run">A run.</param>
    /// <param name="pretrained">Somebody else's model.</param>
    /// <param name="tokenizer">Its vocabulary, if it is elsewhere.</param>
    /// <param name="path">What was loaded.</param>
    public static TrainedModel Load(string command, Device device, string? run, string? pretrained, string? tokenizer, out string path)
    {
        if (pretrained is not null)
        {
            path = run is null ? pretrained : throw new EngineException($"{command}: --run {run} and --model {pretrained} exclude each other.");
            return TrainedModel.LoadPretrained(device, path, tokenizer);
        }

        if (tokenizer is not null)
        {
            throw new EngineException($"{command}: --tokenizer goes with --model; a run has its own.");
        }

        path = run ?? LatestRun.For(command);
        return TrainedModel.Load(device, path);
    }

    /// <summary>What weights are read in.</summary>
    public static Option<DType> WeightsOption() => ChoiceOption.Create(
        "--weights", "TYPE", "what weights are read in: fp32, bf16 or int8, the smaller the faster; int8 has a scale for each output channel [fp32]",
        ("fp32", DType.Float32), ("bf16", DType.BFloat16), ("int8", DType.Int8));
}
