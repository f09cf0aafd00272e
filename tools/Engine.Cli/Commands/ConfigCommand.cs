using System.CommandLine;
using Engine.Pretraining.Configuration;

namespace Engine.Cli.Commands;

/// <summary><c>engine config</c>: prints a configuration as a file that <c>--config</c> reads.</summary>
internal static class ConfigCommand
{
    public static Command Create(Host host)
    {
        Command command = new("config", "Print the configuration that a preset, a file and options give, as JSON for --config.");
        ConfigOptions options = new(command);
        Option<bool> describe = new("--describe") { Description = "print each key with its value, what is allowed and what it means" };
        command.Options.Add(describe);
        command.SetAction(result =>
        {
            PretrainConfig config = options.Read(result);
            host.Out.Write(result.GetValue(describe) ? Describe(config) : config.ToJson());
            return 0;
        });
        return command;
    }

    private static string Describe(PretrainConfig config) => string.Concat(ConfigFields.All.Select(
        field => $"{field.Key} = {field.Get(config)}\n    {field.Doc}\n    {field.Allowed}{(field.FreeOnResume ? "; may change on resume" : string.Empty)}\n"));
}
