using System.Text;
using Engine.Pretraining.Configuration;
using Xunit;

namespace Engine.Cli.Tests;

public sealed class ConfigCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("engine-test-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void What_it_prints_is_a_file_it_reads()
    {
        string printed = Cli.Run("config", "--preset", "tiny", "--n-layer", "3", "--seed=18446744073709551615", "--bias", "true").Out;
        PretrainConfig expected = Presets.Get("tiny") with { NLayer = 3, Seed = ulong.MaxValue, Bias = true };
        Assert.Equal(expected, ConfigFile.Parse(Encoding.UTF8.GetBytes(printed), "printed"));
        Assert.Equal(printed, Cli.Run("config", "--config", Write(printed)).Out);
    }

    [Fact]
    public void Options_override_the_file_and_the_file_the_preset()
    {
        string printed = Cli.Run("config", "--config", Write("{\"preset\": \"tiny\", \"n_layer\": 5, \"n_head\": 1}"), "--n_layer", "6", "--steps", "70").Out;
        PretrainConfig expected = Presets.Get("tiny") with { NLayer = 6, NHead = 1, MaxSteps = 70 };
        Assert.Equal(expected, ConfigFile.Parse(Encoding.UTF8.GetBytes(printed), "printed"));
    }

    [Fact]
    public void Every_key_is_an_option_in_both_spellings()
    {
        foreach (ConfigField field in ConfigFields.All)
        {
            string value = field.Get(Presets.Get(Presets.Default));
            foreach (string option in new[] { "--" + field.Key, "--" + field.Key.Replace('_', '-') })
            {
                Cli.Result result = Cli.Run("config", option, value);
                Assert.Equal((0, "", new PretrainConfig().ToJson()), (result.ExitCode, result.Error, result.Out));
            }
        }
    }

    [Theory]
    [InlineData("{\n\"n_head\": 3}", "{0}: n_embd = 128 is not divisible by n_head = 3; each head takes n_embd / n_head channels.")]
    [InlineData("{\n\"n_heads\": 3}", "{0}:2: unknown key n_heads. Did you mean n_head? `engine config` prints all keys.")]
    [InlineData("{\n\n\"dropout\": \"much\"}", "{0}:3: dropout = \"much\" is not allowed; expected a number from 0 to below 1.")]
    [InlineData("First Citizen:\n", "{0}:1: is not valid JSON: 'F' is an invalid start of a value.")]
    public void Mistakes_in_a_file_name_its_line(string json, string expected)
    {
        string file = Write(json);
        Cli.AssertMistake(expected.Replace("{0}", file, StringComparison.Ordinal), "config", "--config", file);
    }

    [Fact]
    public void Mistakes_on_the_command_line_read_the_same()
    {
        Cli.AssertMistake("command line: n_embd = 128 is not divisible by n_head = 3; each head takes n_embd / n_head channels.", "config", "--n_head", "3");
        Cli.AssertMistake("command line: dropout = much is not allowed; expected a number from 0 to below 1.", "config", "--dropout", "much");
        Cli.AssertMistake("command line: seed = -1 is not allowed; expected a whole number from 0 to 18446744073709551615.", "config", "--seed", "-1");
        Cli.AssertMistake($"command line: unknown preset small. Presets: {string.Join(", ", Presets.Names)}.", "config", "--preset", "small");
    }

    [Fact]
    public void Files_that_cannot_be_read_are_named()
    {
        string missing = Path.Combine(_folder.FullName, "no.json");
        Cli.AssertMistake($"{missing}: there is no such configuration file.", "config", "--config", missing);
        Cli.AssertMistake($"{_folder.FullName}: is a folder, expected a JSON file of configuration keys.", "config", "--config", _folder.FullName);
        string big = Write(new string(' ', 2_000_000));
        Cli.AssertMistake($"{big}: has 1.9 MiB, too much for a configuration.", "config", "--config", big);
    }

    [Fact]
    public void Describe_explains_every_key()
    {
        string text = Cli.Run("config", "--describe").Out;
        Assert.All(ConfigFields.All, field => Assert.Contains($"{field.Key} = ", text));
        Assert.Contains("n_head = 4\n    H: attention heads, a divisor of n_embd (CPU run: 4)\n    a whole number from 1 to 1024\n", text);
    }

    private string Write(string json)
    {
        string path = Path.Combine(_folder.FullName, "c.json");
        File.WriteAllText(path, json);
        return path;
    }
}
