using Xunit;

namespace Engine.Cli.Tests;

public sealed class CommandLineTests
{
    [Fact]
    public void Unknown_words_get_the_nearest_known_one()
    {
        Cli.AssertMistake("engine: unknown command confg. Did you mean config? `engine --help` lists all commands.", "confg");
        Cli.AssertMistake("engine: unknown option --bogus. `engine --help` lists all options.", "--bogus");
        Cli.AssertMistake("engine config: unknown option --n_heads. Did you mean --n_head? `engine config --help` lists all options.", "config", "--n_heads", "3");
        Cli.AssertMistake("engine info: unknown option --jsn. Did you mean --json? `engine info --help` lists all options.", "info", "--jsn=1");
        Cli.AssertMistake("engine config: unexpected argument foo; values follow the name of an option.", "config", "foo");
    }

    [Fact]
    public void Options_without_value_or_with_two_are_mistakes()
    {
        Cli.AssertMistake("engine config: Required argument missing for option: '--n_head'.", "config", "--n_head");
        Cli.AssertMistake("engine config: Option '--seed' expects a single argument but 2 were provided.", "config", "--seed", "1", "--seed", "2");
    }

    [Theory]
    [InlineData]
    [InlineData("--help")]
    public void Without_arguments_it_lists_its_commands(params string[] args)
    {
        Cli.Result result = Cli.Run(args);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains("engine [command]", result.Out);
        Assert.Contains("config", result.Out);
        Assert.Contains("info", result.Out);
    }

    [Fact]
    public async Task The_built_command_exits_as_promised()
    {
        Cli.Result good = await Cli.RunProcess("config", "--preset", "tiny");
        Assert.Equal((0, ""), (good.ExitCode, good.Error));
        Assert.StartsWith("{\n  \"preset\": \"tiny\",\n", good.Out);
        Cli.Result bad = await Cli.RunProcess("config", "--n-head", "0");
        Assert.Equal((2, "", $"error: command line: n_head = 0 is not allowed; expected a whole number from 1 to 1024.{Environment.NewLine}"), (bad.ExitCode, bad.Out, bad.Error));
    }
}
