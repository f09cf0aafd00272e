using System.CommandLine;
using System.CommandLine.Help;
using Engine.Cli.Commands;
using Engine.Pretraining.Configuration;

namespace Engine.Cli;

/// <summary>The command <c>engine</c>: its subcommands, and what becomes of mistakes.</summary>
internal static class CommandLine
{
    /// <summary>Exit code of a mistake of the user: a sentence on standard error says what to change.</summary>
    public const int Mistake = 2;

    /// <summary>Exit code of a bug of Engine.</summary>
    public const int Bug = 1;

    // A prompt may begin with @, and options have no one-letter forms to bundle.
    private static readonly ParserConfiguration s_parser = new() { ResponseFileTokenReplacer = null, EnablePosixBundling = false };

    /// <summary>Runs the command; returns its exit code.</summary>
    public static int Run(IReadOnlyList<string> args, Host host)
    {
        Command root = new("engine", "Pre-trains transformers. `engine pretrain` without arguments learns Shakespeare on the CPU.")
        {
            new HelpOption(),
            new VersionOption(),
        };
        root.Subcommands.Add(PretrainCommand.Create(host));
        root.Subcommands.Add(GenerateCommand.Create(host));
        root.Subcommands.Add(ServeCommand.Create(host));
        root.Subcommands.Add(ExportCommand.Create(host));
        root.Subcommands.Add(EvaluateCommand.Create(host));
        root.Subcommands.Add(ScalingCommand.Create(host));
        root.Subcommands.Add(PrepareCommand.Create(host));
        root.Subcommands.Add(ClassifyCommand.Create(host));
        root.Subcommands.Add(PromptCommand.Create(host));
        root.Subcommands.Add(TokenizeCommand.Create(host));
        root.Subcommands.Add(WordsCommand.Create(host));
        root.Subcommands.Add(RunsCommand.Create(host));
        root.Subcommands.Add(ConfigCommand.Create(host));
        root.Subcommands.Add(ObjectivesCommand.Create(host));
        root.Subcommands.Add(InfoCommand.Create(host));
        root.Subcommands.Add(KernelsCommand.Create(host));
        root.Subcommands.Add(BenchCommand.Create(host));
        try
        {
            ParseResult result = root.Parse(args.Count == 0 ? ["--help"] : args, s_parser);
            return result.Errors.Count > 0
                ? throw new EngineException(Explain(result))
                : result.Invoke(new InvocationConfiguration { Output = host.Out, Error = host.Error, EnableDefaultExceptionHandler = false });
        }
        catch (EngineException e)
        {
            host.Error.WriteLine($"error: {e.Message}");
            return Mistake;
        }
#pragma warning disable CA1031 // The last line of defence: whatever else was thrown is a bug, and is reported as one.
        catch (Exception e)
#pragma warning restore CA1031
        {
            host.Error.WriteLine($"internal error: this is a bug of Engine, please report it with the lines below.\n{e}");
            return Bug;
        }
    }

    /// <summary>One sentence for what the parser did not understand.</summary>
    private static string Explain(ParseResult result)
    {
        Command command = result.CommandResult.Command;
        bool isGroup = command.Subcommands.Count > 0;
        string path = command.Name;
        for (Command? outer = Outer(command); outer is not null; outer = Outer(outer))
        {
            path = $"{outer.Name} {path}";
        }

        foreach (string token in result.UnmatchedTokens)
        {
            if (token.StartsWith('-'))
            {
                string name = token.Split('=')[0];
                IEnumerable<string> known = command.Options.SelectMany(o => o.Aliases.Append(o.Name));
                return $"{path}: unknown option {name}.{Nearest.Suggest(name, known)} `{path} --help` lists all options.";
            }

            IEnumerable<string> commands = command.Subcommands.Select(c => c.Name);
            return isGroup
                ? $"{path}: unknown command {token}.{Nearest.Suggest(token, commands)} `{path} --help` lists all commands."
                : $"{path}: unexpected argument {token}; values follow the name of an option.";
        }

        return $"{path}: {result.Errors[0].Message}";
    }

    private static Command? Outer(Command command) => command.Parents.OfType<Command>().FirstOrDefault();
}
