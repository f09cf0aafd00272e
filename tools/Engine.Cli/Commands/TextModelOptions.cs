using System.CommandLine;
using Engine.Cli.Output;
using Engine.Pretraining.Generation;

namespace Engine.Cli.Commands;

/// <summary>The options of a command that needs a model which writes text: a run's own or somebody else's.</summary>
internal sealed class TextModelOptions
{
    private readonly Option<string> _run = new("--run") { HelpName = "RUN", Description = "folder of the run [the latest under runs/]" };
    private readonly Option<string> _model = new("--model") { HelpName = "PATH", Description = "instead of a run: a Hugging Face folder, a GGUF or a llama2.c file" };
    private readonly Option<string> _tokenizer = new("--tokenizer") { HelpName = "PATH", Description = "file or folder of the tokenizer of --model [beside the weights]" };
    private readonly Option<DType> _weights = Weights("--weights", "what weights are read in: fp32, bf16 or int8, the smaller the faster; int8 has a scale for each output channel [fp32]");

    /// <summary>Adds them.</summary>
    public TextModelOptions(Command command)
    {
        foreach (Option option in new Option[] { _run, _model, _tokenizer, _weights })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>An option for the type of weights.</summary>
    public static Option<DType> Weights(string name, string description) =>
        ChoiceOption.Create(name, "TYPE", description, ("fp32", DType.Float32), ("bf16", DType.BFloat16), ("int8", DType.Int8));

    /// <summary>Loads what was asked for, by default the latest run.</summary>
    /// <param name="host">Sees that it takes its time.</param>
    /// <param name="command">Who asks.</param>
    /// <param name="device">Where to.</param>
    /// <param name="result">The command line.</param>
    /// <param name="path">What was loaded.</param>
    /// <exception cref="EngineException">Options exclude each other, or there is no such model.</exception>
    public TrainedModel Load(Host host, string command, Device device, ParseResult result, out string path)
    {
        string from = path = PathOf(command, result);
        return WorkProgress.Show(host, $"loading {Text.Short(from)}", _ =>
        {
            TrainedModel model = result.GetValue(_model) is null ? TrainedModel.Load(device, from) : TrainedModel.LoadPretrained(device, from, result.GetValue(_tokenizer));
            model.Model.StoreAs(result.GetValue(_weights));
            return model;
        });
    }

    /// <summary>The same if it is an encoder-decoder; otherwise null, and nothing has been loaded.</summary>
    /// <inheritdoc cref="Load"/>
    public TextToTextModel? LoadTextToText(Host host, string command, Device device, ParseResult result)
    {
        string path = PathOf(command, result);
        if (!TextToTextModel.IsAt(path))
        {
            return null;
        }

        return WorkProgress.Show(host, $"loading {Text.Short(path)}", _ =>
        {
            TextToTextModel model = TextToTextModel.Load(device, path, result.GetValue(_tokenizer));
            model.Model.StoreAs(result.GetValue(_weights));
            return model;
        });
    }

    // What was asked for, by default the latest run.
    private string PathOf(string command, ParseResult result)
    {
        (string? run, string? pretrained, string? tokenizer) = (result.GetValue(_run), result.GetValue(_model), result.GetValue(_tokenizer));
        if (run is not null && pretrained is not null)
        {
            throw new EngineException($"{command}: --run {run} and --model {pretrained} exclude each other.");
        }

        if (tokenizer is not null && pretrained is null)
        {
            throw new EngineException($"{command}: --tokenizer goes with --model; a run has its own.");
        }

        return pretrained ?? run ?? LatestRun.For(command);
    }
}
