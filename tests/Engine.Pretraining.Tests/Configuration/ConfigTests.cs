using System.Text;
using System.Text.Json;
using Engine.Pretraining.Configuration;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Pretraining.Tests.Configuration;

public sealed class ConfigTests
{
    public static TheoryData<string, string> BadFiles => new()
    {
        { "{\n  \"n_layer\": 4,\n  \"n_heads\": 4\n}", "c.json:3: unknown key n_heads. Did you mean n_head? `engine config` prints all keys." },
        { "{\n  \"n_layer\": \"four\"\n}", "c.json:2: n_layer = \"four\" is not allowed; expected a whole number from 1 to 1024." },
        { "{\"n_layer\": \"4\"}", "c.json:1: n_layer = \"4\" is not allowed; expected a whole number from 1 to 1024." },
        { "{\"n_layer\": 4.5}", "c.json:1: n_layer = 4.5 is not allowed; expected a whole number from 1 to 1024." },
        { "{\"n_layer\": 0}", "c.json:1: n_layer = 0 is not allowed; expected a whole number from 1 to 1024." },
        { "{\"n_layer\": 99999999999999999999}", "c.json:1: n_layer = 99999999999999999999 is not allowed; expected a whole number from 1 to 1024." },
        { "{\"dropout\": 1.0}", "c.json:1: dropout = 1.0 is not allowed; expected a number from 0 to below 1." },
        { "{\"learning_rate\": 1e999}", "c.json:1: learning_rate = 1e999 is not allowed; expected a number from 0 to 100." },
        { "{\"learning_rate\": \"NaN\"}", "c.json:1: learning_rate = \"NaN\" is not allowed; expected a number from 0 to 100." },
        { "{\"bias\": 1}", "c.json:1: bias = 1 is not allowed; expected true or false." },
        { "{\"tokenizer\": \"morse\"}", "c.json:1: tokenizer = \"morse\" is not allowed; expected one of char, byte, bpe, metaspace, wordpiece, word, unigram, or the path of a tokenizer's file (.json, .model, .tiktoken, .txt, .bin) or of a model's folder (with a / in it)." },
        { "{\"data\": \" \"}", "c.json:1: data = \" \" is not allowed; expected the path of a UTF-8 text file, or tinyshakespeare for the built-in corpus." },
        { "{\"seed\": -1}", "c.json:1: seed = -1 is not allowed; expected a whole number from 0 to 18446744073709551615." },
        { "{\"seed\": null}", "c.json:1: seed = null is not allowed; leave the key out to keep its default." },
        { "{\"n_layer\": [4]}", "c.json:1: n_layer has an array as value; expected one number, text, true or false." },
        { "{\n\"model\": {\"n_layer\": 4}}", "c.json:2: model has an object as value; expected one number, text, true or false." },
        { "{\"n_head\": 2,\n\"n_head\": 4}", "c.json:2: the key n_head is given twice." },
        { "[1]", "c.json:1: expected a JSON object of configuration keys." },
        { "{\"preset\": \"shakespear-char\"}", $"c.json:1: unknown preset shakespear-char. Did you mean shakespeare-char? Presets: {string.Join(", ", Presets.Names)}." },
        { "{\"n_embd\": 130}", "c.json: n_embd = 130 is not divisible by n_head = 4; each head takes n_embd / n_head channels." },
        { "{\"model\": \"mixtral\", \"cuda_graphs\": true}", "c.json: cuda_graphs = true does not go with model = mixtral, whose router is read within the step and decides the shapes of what follows; leave cuda_graphs out." },
        { "{\"min_lr\": 0.5}", "c.json: min_lr = 0.5 is above learning_rate = 0.001; it is the end of the decay." },
        { "{\"max_steps\": 50}", "c.json: warmup_steps = 100 is more than max_steps = 50; lower the one or raise the other." },
        { "{\"schedule\": \"wsd\", \"decay_steps\": 1901}", "c.json: warmup_steps = 100 and decay_steps = 1901 together are more than max_steps = 2000." },
        { "{\"batch_size\": 1048576, \"block_size\": 1048576}", "c.json: batch_size = 1048576 times block_size = 1048576 is more tokens than a batch may hold (2147483647)." },
    };

    [Theory]
    [MemberData(nameof(BadFiles))]
    public void A_bad_file_is_one_sentence_with_its_line(string json, string expected) =>
        Assert.Equal(expected, Assert.Throws<EngineException>(() => ConfigFile.Parse(Encoding.UTF8.GetBytes(json), "c.json")).Message);

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\n\"n_layer\": }")]
    [InlineData("{\"n_layer\": 4} x")]
    [InlineData("\0\0\0")]
    [InlineData("{\"n_layer\": 4")]
    public void Broken_json_names_file_and_line(string json)
    {
        string message = Assert.Throws<EngineException>(() => ConfigFile.Parse(Encoding.UTF8.GetBytes(json), "c.json")).Message;
        Assert.Matches("^c.json:[0-9]+: is not valid JSON: [^\n]+$", message);
    }

    [Theory]
    [InlineData("n-heads", "4", "command line: unknown key n_heads. Did you mean n_head? `engine config` prints all keys.")]
    [InlineData("zzz", "4", "command line: unknown key zzz. `engine config` prints all keys.")]
    [InlineData("n_head", "four", "command line: n_head = four is not allowed; expected a whole number from 1 to 1024.")]
    [InlineData("--n-head", "3", "command line: n_embd = 128 is not divisible by n_head = 3; each head takes n_embd / n_head channels.")]
    public void The_command_line_is_checked_like_a_file(string key, string value, string expected) =>
        Assert.Equal(expected, Assert.Throws<EngineException>(() => new PretrainConfig().With([ConfigEntry.FromCommandLine(key, value)])).Message);

    [Fact]
    public void Every_property_has_exactly_one_row()
    {
        IEnumerable<string> properties = typeof(PretrainConfig).GetProperties().Where(p => p.CanWrite)
            .Select(p => JsonNamingPolicy.SnakeCaseLower.ConvertName(p.Name));
        Assert.Equal(properties.Order(), ConfigFields.All.Select(f => f.Key).Order());
        Assert.All(ConfigFields.All, f => Assert.NotEmpty(f.Doc));
    }

    [Fact]
    public void Every_preset_is_valid_and_survives_printing()
    {
        foreach (string name in Presets.Names)
        {
            PretrainConfig preset = Presets.Get(name).Validated();
            Assert.Equal(preset, ConfigFile.Parse(Encoding.UTF8.GetBytes(preset.ToJson()), name));
        }
    }

    [Fact]
    public void Any_valid_configuration_survives_printing() => Prop.ForAll(
        ArbMap.Default.ArbFor<PositiveInt>(), ArbMap.Default.ArbFor<ulong>(), ArbMap.Default.ArbFor<NormalFloat>(), (steps, seed, real) =>
        {
            PretrainConfig config = Presets.Get("tiny") with
            {
                MaxSteps = 100 + steps.Get, Seed = seed, LearningRate = 1e-2 + (Math.Abs(real.Get) % 50), Data = "dir \"quoted\"/ä\\b.txt", Bias = true,
            };
            return ConfigFile.Parse(Encoding.UTF8.GetBytes(config.ToJson()), "c.json") == config;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Keys_left_out_keep_the_values_of_the_preset()
    {
        PretrainConfig config = ConfigFile.Parse("\uFEFF{ // a comment\n \"n_layer\": 3, \"preset\": \"tiny\", }"u8, "c.json");
        Assert.Equal(Presets.Get("tiny") with { NLayer = 3 }, config);
    }

    [Fact]
    public void Two_different_presets_contradict_each_other()
    {
        IReadOnlyList<ConfigEntry> entries = [new("preset", "tiny", LiteralKind.Quoted, "c.json:1")];
        Assert.Equal("tiny", ConfigFile.FromEntries(entries, "tiny").Preset);
        Assert.Equal(
            "c.json:1: preset = tiny contradicts --preset shakespeare-char; give one of them.",
            Assert.Throws<EngineException>(() => ConfigFile.FromEntries(entries, "shakespeare-char")).Message);
    }

    [Fact]
    public void Diff_lists_the_changed_keys()
    {
        PretrainConfig config = new();
        Assert.Empty(config.Diff(new PretrainConfig()));
        Assert.Equal(
            ["n_layer: 4 → 6", "learning_rate: 0.001 → 0.0003"],
            config.Diff(config with { NLayer = 6, LearningRate = 3e-4 }).Select(d => d.ToString()));
    }

    [Fact]
    public void A_resumed_run_may_change_only_what_it_reports_and_how_long_it_is()
    {
        PretrainConfig config = new();
        Assert.Equal(
            config with { MaxSteps = 3000, LogInterval = 1 },
            config.ForResume([ConfigEntry.FromCommandLine("max_steps", "3000"), ConfigEntry.FromCommandLine("log_interval", "1")], "runs/a"));
        Assert.Equal(
            "runs/a: n_layer cannot change from 4 to 6 when a run goes on; start a new run.",
            Assert.Throws<EngineException>(() => config.ForResume([ConfigEntry.FromCommandLine("n_layer", "6")], "runs/a")).Message);
    }

    [Fact]
    public void Values_out_of_range_are_found_in_a_record_too() => Assert.Equal(
        "config: n_layer = -1 is not allowed; expected a whole number from 1 to 1024.",
        Assert.Throws<EngineException>(() => (new PretrainConfig() with { NLayer = -1 }).Validated()).Message);

    [Fact]
    public void Random_bytes_never_escape_as_another_exception() => Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
    {
        try
        {
            ConfigFile.Parse(bytes, "c.json");
        }
        catch (EngineException)
        {
            return true;
        }

        return bytes.Length > 1;
    }).QuickCheckThrowOnFailure();
}
