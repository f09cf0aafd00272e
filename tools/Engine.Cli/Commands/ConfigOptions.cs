using System.CommandLine;
using Engine.Pretraining.Configuration;

namespace Engine.Cli.Commands;

/// <summary>
/// One option for each row of the configuration table, and <c>--config FILE</c>. Nothing is checked here: values go to the
/// same validation as those of a file.
/// </summary>
internal sealed class ConfigOptions
{
    private readonly Dictionary<string, Option<string>> _options = [];
    private readonly Option<string> _file = new("--config") { HelpName = "FILE", Description = "JSON file of configuration keys; options override it" };

    /// <summary>Adds the options to a command.</summary>
    public ConfigOptions(Command command)
    {
        command.Options.Add(_file);
        PretrainConfig defaults = Presets.Get(Presets.Default);
        foreach (ConfigField field in ConfigFields.All)
        {
            string[] aliases = field.Key.Contains('_') ? ["--" + field.Key.Replace('_', '-')] : [];
            aliases = field.Key == "max_steps" ? [.. aliases, "--steps"] : aliases;
            Option<string> option = new("--" + field.Key, aliases)
            {
                HelpName = field.Kind switch { LiteralKind.Number => "N", LiteralKind.Flag => "true|false", _ => "TEXT" },
                Description = $"{field.Doc} [{field.Get(defaults)}]",
            };
            _options.Add(field.Key, option);
            command.Options.Add(option);
        }
    }

    /// <summary>The file's name, if one was given.</summary>
    public string? File(ParseResult result) => result.GetValue(_file);

    /// <summary>The preset's name, if one was given.</summary>
    public string? Preset(ParseResult result) => result.GetValue(_options["preset"]);

    /// <summary>The configuration that preset, file and options describe together.</summary>
    /// <exception cref="EngineException">Any of them is wrong; names the place.</exception>
    public PretrainConfig Read(ParseResult result) => ConfigFile.FromEntries(
        [.. File(result) is { } file ? ConfigFile.ReadEntries(file) : [], .. Overrides(result)], Preset(result));

    /// <summary>The keys given as options, without the preset.</summary>
    public IEnumerable<ConfigEntry> Overrides(ParseResult result)
    {
        foreach ((string key, Option<string> option) in _options)
        {
            if (key != "preset" && result.GetValue(option) is { } value)
            {
                yield return ConfigEntry.FromCommandLine(key, value);
            }
        }
    }
}
