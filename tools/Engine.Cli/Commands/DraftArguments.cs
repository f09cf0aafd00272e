using System.CommandLine;
using Engine.Pretraining.Generation;

namespace Engine.Cli.Commands;

/// <summary>The options of a draft model.</summary>
internal sealed class DraftArguments
{
    private readonly Option<string> _draft = new("--draft") { HelpName = "PATH", Description = "a smaller model of the same vocabulary that guesses ahead (Leviathan et al. 2023): a run, or what --model takes" };
    private readonly Option<int> _tokens = NumberOption.Create("--draft-tokens", 4, 1, 64, "tokens it guesses before each pass of the model");
    private readonly Option<DType> _weights = TextModelOptions.Weights("--draft-weights", "what the draft's weights are read in [fp32]");

    /// <summary>Adds them.</summary>
    public DraftArguments(Command command)
    {
        foreach (Option option in new Option[] { _draft, _tokens, _weights })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The first of them that was given.</summary>
    public string? Given(ParseResult result) =>
        new Option[] { _draft, _tokens, _weights }.FirstOrDefault(option => result.GetResult(option) is { Implicit: false })?.Name;

    /// <summary>Tokens guessed before each pass.</summary>
    public int Tokens(ParseResult result) => result.GetValue(_tokens);

    /// <summary>The draft; null if none was asked for.</summary>
    /// <exception cref="EngineException">There is no such model.</exception>
    public TrainedModel? Load(Device device, ParseResult result)
    {
        if (result.GetValue(_draft) is not { } path)
        {
            return Given(result) is { } other ? throw new EngineException($"engine generate: {other} goes with --draft PATH.") : null;
        }

        TrainedModel draft = TrainedModel.LoadPretrained(device, path);
        draft.Model.StoreAs(result.GetValue(_weights));
        return draft;
    }
}
