using System.CommandLine;
using Engine.Cli.Output;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Training;
using Spectre.Console;

namespace Engine.Cli.Commands;

/// <summary><c>engine pretrain</c>: starts a run, or resumes one.</summary>
internal static class PretrainCommand
{
    public static Command Create(Host host)
    {
        Command command = new("pretrain", "Pre-train a model; without arguments, the preset shakespeare-char.");
        Option<string> output = new("--out") { HelpName = "RUN", Description = "folder of the new run [the first free runs/PRESET-001, -002 …]" };
        Option<string> resume = new("--resume") { HelpName = "RUN", Description = "continue the run in this folder from its newest checkpoint" };
        Option<bool> json = new("--json") { Description = "one JSON object a line" };
        command.Options.Add(output);
        command.Options.Add(resume);
        command.Options.Add(json);
        ProfileArguments profiling = new(command);
        ConfigOptions options = new(command);
        command.SetAction(result =>
        {
            Action<ITrainingObserver, CancellationToken> run;
            PretrainConfig config;
            ProfileOptions? profile = profiling.Read(result);
            if (result.GetValue(resume) is { } resumed)
            {
                if (result.GetValue(output) is not null || options.File(result) is not null || options.Preset(result) is not null)
                {
                    throw new EngineException("engine pretrain: --resume takes folder, preset and configuration from the run; leave out --out, --preset and --config.");
                }

                config = PretrainRun.ConfigOf(resumed).ForResume(options.Overrides(result), resumed);
                run = (observer, stop) => PretrainRun.Resume(config, resumed, observer, profile, stop);
            }
            else
            {
                config = options.Read(result);
                string folder = result.GetValue(output) ?? RunFolder.NextFree(config.Preset);
                run = (observer, stop) => PretrainRun.Start(config, folder, observer, profile, stop);
            }

            using StopSignal signal = new(host);
            if (host.Live && !result.GetValue(json))
            {
                LiveObserver.Show(AnsiConsole.Console, observer => run(observer, signal.Token));
                return 0;
            }

            using IDisposable waiting = WorkProgress.Until(host, "reading the corpus");
            run(result.GetValue(json) ? new JsonObserver(host.Out, waiting.Dispose) : new PlainObserver(host.Out, config.LogInterval, waiting.Dispose), signal.Token);
            return 0;
        });
        return command;
    }
}
