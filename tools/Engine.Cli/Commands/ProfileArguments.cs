using System.CommandLine;
using Engine.Pretraining.Training;

namespace Engine.Cli.Commands;

/// <summary><c>--profile [FILE]</c> and <c>--profile-steps N</c>.</summary>
internal sealed class ProfileArguments
{
    private readonly Option<string?> _profile = new("--profile")
    {
        HelpName = "FILE",
        Description = $"time kernels and ops over some steps: a table at the end, a trace for chrome://tracing or Perfetto in FILE [RUN/trace.json]",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<int> _steps = NumberOption.Create(
        "--profile-steps", new ProfileOptions().Steps, 1, ProfileOptions.MostSteps, $"steps to profile, after {ProfileOptions.WarmupSteps} of warm-up");

    /// <summary>Adds the options to a command.</summary>
    public ProfileArguments(Command command)
    {
        command.Options.Add(_profile);
        command.Options.Add(_steps);
    }

    /// <summary>What to profile; null if the user does not want to.</summary>
    /// <exception cref="EngineException">Steps are given without the profile.</exception>
    public ProfileOptions? Read(ParseResult result)
    {
        if (result.GetResult(_profile) is null)
        {
            return result.GetResult(_steps) is { Implicit: false }
                ? throw new EngineException("engine pretrain: --profile-steps says how much to profile; add --profile.")
                : null;
        }

        return new ProfileOptions { Steps = result.GetValue(_steps), TraceFile = result.GetValue(_profile) };
    }
}
