using System.CommandLine;
using Engine.Pretraining.Generation;

namespace Engine.Cli.Commands;

/// <summary>The options that say how tokens are drawn and where a text ends.</summary>
internal sealed class SamplingArguments
{
    private readonly Option<int> _tokens = NumberOption.Create("--tokens", 500, 0, 1_000_000, "tokens to write after the prompt");
    private readonly Option<float> _temperature = NumberOption.Create("--temperature", 0.8f, 0f, 100f, "below 1 safer, above 1 wilder; 0 takes the most likely token");
    private readonly Option<int> _topK = NumberOption.Create("--top-k", 0, 0, int.MaxValue, "draw from the k most likely tokens; 0 = all");
    private readonly Option<float> _topP = NumberOption.Create("--top-p", 1f, 1e-6f, 1f, "draw from the most likely tokens that reach this probability (Holtzman et al. 2020)");
    private readonly Option<float> _minP = NumberOption.Create("--min-p", 0f, 0f, 1f, "draw from tokens at least this many times as likely as the likeliest (Nguyen et al. 2024)");
    private readonly Option<float> _penalty = NumberOption.Create("--repetition-penalty", 1f, 1e-3f, 1000f, "makes tokens that stand in the text already less likely (Keskar et al. 2019); 1 = not");
    private readonly Option<string[]> _stop = new("--stop") { HelpName = "TEXT", Description = "the text ends before this; may be given several times" };
    private readonly Option<ulong> _seed = NumberOption.Create("--seed", 1337UL, 0UL, ulong.MaxValue, "the same seed writes the same text");

    /// <summary>Adds them.</summary>
    public SamplingArguments(Command command)
    {
        foreach (Option option in new Option[] { _tokens, _temperature, _topK, _topP, _minP, _penalty, _stop, _seed })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>What was asked for.</summary>
    public SamplingOptions Read(ParseResult result) => new()
    {
        Tokens = result.GetValue(_tokens),
        Temperature = result.GetValue(_temperature),
        TopK = result.GetValue(_topK),
        TopP = result.GetValue(_topP),
        MinP = result.GetValue(_minP),
        RepetitionPenalty = result.GetValue(_penalty),
        Stop = result.GetValue(_stop) ?? [],
        Seed = result.GetValue(_seed),
    };

    /// <summary>The first option that was given and means nothing where nothing is drawn.</summary>
    public string? Drawn(ParseResult result) => new Option[] { _temperature, _topK, _topP, _minP, _penalty, _seed }
        .FirstOrDefault(option => result.GetResult(option) is { Implicit: false })?.Name;
}
