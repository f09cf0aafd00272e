using System.CommandLine;
using Engine.Pretraining.Generation;

namespace Engine.Cli.Commands;

/// <summary>The options of a beam search.</summary>
internal sealed class BeamArguments
{
    private readonly Option<int> _beams = NumberOption.Create("--beams", 0, 0, 1024, "search for the most likely text with so many beginnings side by side, and draw nothing; 0 = no search");
    private readonly Option<double> _penalty = NumberOption.Create("--length-penalty", 1.0, -100.0, 100.0, "of a search: texts are ranked by log p / length^N");
    private readonly Option<int> _texts = NumberOption.Create("--texts", 1, 1, 1024, "of a search: the N best texts");
    private readonly Option<bool> _early = new("--early-stopping") { Description = "a search ends as soon as as many texts as beams have ended, and not when none can do better" };

    /// <summary>Adds them.</summary>
    public BeamArguments(Command command)
    {
        foreach (Option option in new Option[] { _beams, _penalty, _texts, _early })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>What was asked for; null if no search.</summary>
    /// <exception cref="EngineException">Options of a search without one, or more texts than beams.</exception>
    public BeamOptions? Read(ParseResult result)
    {
        int beams = result.GetValue(_beams);
        if (beams > 0)
        {
            return new BeamOptions { Beams = beams, LengthPenalty = result.GetValue(_penalty), Returns = result.GetValue(_texts), EarlyStopping = result.GetValue(_early) }.Validated();
        }

        return new Option[] { _penalty, _texts, _early }.FirstOrDefault(option => result.GetResult(option) is { Implicit: false }) is { } other
            ? throw new EngineException($"engine generate: {other.Name} is of a search; give --beams N.")
            : null;
    }
}
