using System.Diagnostics;
using System.Text.Json;
using Engine.Pretraining.Training;
using Xunit;

namespace Engine.Cli.Tests;

/// <summary>The commands <c>pretrain</c> and <c>generate</c> on a model small enough to train in a moment.</summary>
public sealed class PretrainCommandTests : IDisposable
{
    private static readonly string[] s_small =
    [
        "--preset", "tiny", "--n-layer", "1", "--n-head", "1", "--n-embd", "8", "--block-size", "8", "--batch-size", "2", "--warmup-steps", "0",
        "--eval-batches", "2", "--eval-interval", "0", "--sample-tokens", "5", "--threads", "1",
    ];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("engine-test-");

    private string Run => At("run");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_run_trains_resumes_and_generates()
    {
        Cli.Result first = Pretrain("--out", Run, "--steps", "4", "--json");
        Assert.Equal((0, ""), (first.ExitCode, first.Error));
        Assert.Equal(["start", "evaluation", "step", "step", "step", "step", "evaluation", "sample", "checkpoint", "finish"], Events(first.Out));

        Cli.Result resumed = Cli.Run("pretrain", "--resume", Run, "--steps", "6", "--json");
        Assert.Equal((0, ""), (resumed.ExitCode, resumed.Error));
        Assert.Equal(["start", "step", "step", "evaluation", "sample", "checkpoint", "finish"], Events(resumed.Out));

        string[] generate = ["generate", "--run", Run, "--prompt", "ROMEO:", "--tokens", "12", "--temperature", "1.5", "--top-k", "20", "--top-p", "0.9", "--seed", "3"];
        Cli.Result text = Cli.Run(generate);
        Assert.Equal((0, "", "ROMEO:".Length + 12 + 1), (text.ExitCode, text.Error, text.Out.Length));
        Assert.Equal(text, Cli.Run(generate));
        Assert.Equal(text, Cli.Run([.. generate, "--weights", "fp32"]));
        Assert.Equal(0, Cli.Run([.. generate, "--weights", "bf16"]).ExitCode);
        Assert.Equal(0, Cli.Run([.. generate, "--weights", "int8"]).ExitCode);
        using JsonDocument json = JsonDocument.Parse(Cli.Run([.. generate, "--json"]).Out);
        Assert.Equal(text.Out, "ROMEO:" + json.RootElement.GetProperty("text").GetString() + "\n");
    }

    [Fact]
    public void Plain_output_is_for_pipes()
    {
        Cli.Result result = Pretrain("--out", Run, "--steps", "2", "--log-interval", "1");
        Assert.Matches("(?s)^run .*\nstep 0  validation loss .*\nstep 1/2  loss .*\nstep 2/2  loss .*\nstep 2  saved .*\ndone: 2 steps", result.Out);
    }

    [Fact]
    public void Precision_is_an_option_like_any_other()
    {
        Cli.Result first = Pretrain("--out", Run, "--steps", "2", "--log-interval", "1", "--precision", "fp16");
        Assert.Matches("(?s)^run .* parameters on .* in fp16; .*\nstep 2/2  loss .*  scale [0-9]+.*  [0-9]+ tokens/s", first.Out);
        Cli.Result resumed = Cli.Run("pretrain", "--resume", Run, "--steps", "3", "--json");
        Assert.Equal((0, ""), (resumed.ExitCode, resumed.Error));
        JsonElement[] events = [.. resumed.Out.TrimEnd().Split('\n').Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal("fp16", events[0].GetProperty("precision").GetString());
        Assert.True(events[1].GetProperty("loss_scale").GetDouble() > 0);
        Assert.Equal(0, Cli.Run("generate", "--run", Run, "--tokens", "3").ExitCode);
        Cli.AssertMistake("command line: precision = fp8 is not allowed; expected one of fp32, bf16, fp16.", "pretrain", "--precision", "fp8");
    }

    [Fact]
    public void A_profile_is_a_table_and_a_trace()
    {
        Cli.Result result = Pretrain("--out", Run, "--steps", "6", "--profile");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Matches(
            "(?s)\nprofile of steps 4 to 6 on cpu, per step; trace in .*trace.json\nop +pass +time +share calls GFLOP/s +GB/s +bytes\n" +
            ".*\nLinear +forward +[0-9.]+ ms +[0-9.]+ % +4 +[0-9.]+ +[0-9.]+ +[0-9.]+ KiB\n.*\ntotal +[0-9.]+ ms +100.0 % .*\ndone: 6 steps",
            result.Out);
        Assert.True(File.Exists(Path.Combine(Run, "trace.json")));

        string trace = At("trace of mine.json");
        Cli.Result json = Cli.Run("pretrain", "--resume", Run, "--steps", "9", "--json", "--profile", trace, "--profile-steps", "1");
        Assert.Equal((0, ""), (json.ExitCode, json.Error));
        Assert.Equal(["profile", "finish"], Events(json.Out).TakeLast(2));
        JsonElement profile = JsonDocument.Parse(json.Out.TrimEnd('\n').Split('\n')[^2]).RootElement;
        Assert.Equal((9, 1, trace), (profile.GetProperty("first_step").GetInt64(), profile.GetProperty("steps").GetInt64(), profile.GetProperty("trace").GetString()));
        Assert.Equal(
            profile.GetProperty("seconds").GetDouble(), profile.GetProperty("rows").EnumerateArray().Sum(row => row.GetProperty("seconds").GetDouble()), 1e-9);
        Assert.True(File.Exists(trace));
    }

    [Fact]
    public void A_profile_that_is_not_possible_is_refused()
    {
        Cli.AssertMistake(
            "engine pretrain: --profile-steps = 0 is not allowed; expected a whole number from 1 to 1000.", "pretrain", "--profile", "--profile-steps", "0");
        Cli.AssertMistake("engine pretrain: --profile-steps says how much to profile; add --profile.", "pretrain", "--profile-steps", "3");
        Cli.AssertMistake($"{_folder.FullName}: cannot be written: it is a folder.", ["pretrain", .. s_small, "--out", Run, "--profile", _folder.FullName]);
        string nowhere = Path.Combine(At("nowhere"), "trace.json");
        Cli.Result result = Pretrain("--out", Run, "--profile", nowhere);
        Assert.Equal((2, ""), (result.ExitCode, result.Out));
        Assert.StartsWith($"error: {nowhere}: cannot be written: ", result.Error);
        Assert.Single(result.Error.TrimEnd().Split('\n'));
        Assert.False(Directory.Exists(Run));
    }

    [Fact]
    public void A_corpus_that_cannot_be_used_is_named_and_nothing_is_left_behind()
    {
        AssertRefused($"{At("no.txt")}: there is no such corpus file.", "--data", At("no.txt"));
        AssertRefused($"{_folder.FullName}: is a folder; the corpus must be one text file.", "--data", _folder.FullName);
        AssertRefused($"{At("e.txt")}: the corpus is empty.", "--data", Write("e.txt", []));
        AssertRefused($"{At("b.txt")}: is not text: byte 1 is zero; the corpus must be UTF-8 text.", "--data", Write("b.txt", "a\0b"u8));
        AssertRefused(
            $"{At("s.txt")}: the training split has 7 of the corpus's 8 tokens, but one sequence needs 9 (block_size = 8 and the label after it); " +
            "take a longer corpus, a smaller block_size or another val_fraction.",
            "--data",
            Write("s.txt", "a corpus"u8));

        void AssertRefused(string sentence, params string[] args)
        {
            Cli.AssertMistake(sentence, ["pretrain", .. s_small, "--out", Run, .. args]);
            Assert.False(Directory.Exists(Run));
        }
    }

    [Fact]
    public void A_device_that_is_not_there_is_named() => Cli.AssertMistake(
        $"device 'abacus' is unknown: expected one of {string.Join(", ", Device.Names)}. Here are: {string.Join("; ", Device.List())}.",
        ["pretrain", .. s_small, "--out", Run, "--device", "abacus"]);

    [Fact]
    public void A_configuration_that_does_not_fit_is_refused() => Cli.AssertMistake(
        "command line: n_embd = 8 is not divisible by n_head = 3; each head takes n_embd / n_head channels.", ["pretrain", .. s_small[..4], "--n-head", "3", "--n-embd", "8"]);

    [Fact]
    public void A_folder_with_a_run_or_in_use_or_not_writable_is_refused()
    {
        Pretrain("--out", Run, "--steps", "1");
        Cli.AssertMistake(
            $"{Run}: the folder already holds a run; continue it with --resume {Run}, or choose another folder with --out.", ["pretrain", .. s_small, "--out", Run]);
        using (FileStream held = new(Path.Combine(Run, "run.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            Cli.AssertMistake($"{Run}: the run is in use by another process; wait for it or choose another folder.", "pretrain", "--resume", Run);
        }

        string inFile = Path.Combine(Write("file", "x"u8), "run");
        Cli.Result result = Pretrain("--out", inFile);
        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith($"error: {inFile}: the run folder cannot be written: ", result.Error);
    }

    [Fact]
    public void Resuming_what_is_no_run_is_refused()
    {
        Cli.AssertMistake($"{Run}: there is no such run folder.", "pretrain", "--resume", Run);
        Cli.AssertMistake($"{_folder.FullName}: the folder holds no run (it has no config.json).", "generate", "--run", _folder.FullName);
        Cli.AssertMistake(
            "engine pretrain: --resume takes folder, preset and configuration from the run; leave out --out, --preset and --config.",
            "pretrain",
            "--resume",
            Run,
            "--preset",
            "tiny");
    }

    [Fact]
    public void A_resumed_run_must_stay_the_same_run()
    {
        string corpus = Write("a.txt", "abcdefghij abcdefghij abcdefghij abcdefghij abcdefghij abcdefghij abcdefghij abcdefghij abcdefghij abcdefghij"u8);
        Pretrain("--out", Run, "--steps", "1", "--data", corpus);
        Cli.AssertMistake($"{Run}: n_layer cannot change from 1 to 2 when a run goes on; start a new run.", "pretrain", "--resume", Run, "--n-layer", "2");
        string other = Write("b.txt", "The quick brown fox jumps over the lazy dog. The quick brown fox jumps over the lazy dog. The quick brown fox"u8);
        Cli.AssertMistake(
            $"{other}: vocabulary mismatch: char tokenizer: the character 'T' (U+0054) at position 0 is not in the vocabulary of 11 characters.",
            "pretrain",
            "--resume",
            Run,
            "--data",
            other);
        Cli.AssertMistake(
            "char tokenizer: the character 'R' (U+0052) at position 0 is not in the vocabulary of 11 characters.", "generate", "--run", Run, "--prompt", "ROMEO:");
    }

    [Fact]
    public void A_damaged_checkpoint_is_refused()
    {
        Pretrain("--out", Run, "--steps", "1");
        string model = Path.Combine(RunFolder.LatestCheckpoint(Run), "model.safetensors");
        byte[] bytes = File.ReadAllBytes(model);
        bytes[^5] ^= 1;
        File.WriteAllBytes(model, bytes);
        AssertDamaged("pretrain", "--resume", Run);
        AssertDamaged("generate", "--run", Run);
        File.WriteAllBytes(model, bytes.AsSpan(0, bytes.Length / 2));
        AssertDamaged("pretrain", "--resume", Run);
        AssertDamaged("generate", "--run", Run);

        void AssertDamaged(params string[] args)
        {
            Cli.Result result = Cli.Run(args);
            Assert.Equal((2, ""), (result.ExitCode, result.Out));
            Assert.Contains("model.safetensors", result.Error);
            Assert.Single(result.Error.TrimEnd().Split('\n'));
        }
    }

    [Theory]
    [InlineData("--tokens", "-1", "a whole number from 0 to 1000000")]
    [InlineData("--temperature", "NaN", "a number from 0 to 100")]
    [InlineData("--top-k", "few", "a whole number from 0 to 2147483647")]
    [InlineData("--top-p", "1.1", "a number from 1E-06 to 1")]
    [InlineData("--weights", "int4", "fp32, bf16 or int8")]
    [InlineData("--seed", "1.5", "a whole number from 0 to 18446744073709551615")]
    public void Options_of_generate_are_checked(string option, string value, string allowed) =>
        Cli.AssertMistake($"engine generate: {option} = {value} is not allowed; expected {allowed}.", "generate", "--run", Run, option, value);

    [Fact]
    public async Task A_signal_stops_after_the_step_saved_and_the_run_goes_on()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there is no SIGTERM to send");
        using Process process = Cli.Start(["pretrain", .. s_small, "--out", Run, "--steps", "1000000", "--log-interval", "1", "--profile", "--profile-steps", "1000"]);
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        for (string? line = ""; line?.StartsWith("step 3/", StringComparison.Ordinal) == false;)
        {
            line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        }

        using Process kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
        string rest = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        Assert.Equal($"Stopping after this step. Press Ctrl-C again to end at once.{Environment.NewLine}", Cli.WithoutProgress(await error));
        Assert.Matches("\n(total |profile: the run ended).*\nstopped after step [0-9]+ and saved.* Next: engine pretrain --resume ", rest);
        long step = RunFolder.CheckpointsIn(Run)[^1];
        Cli.Result resumed = Cli.Run("pretrain", "--resume", Run, "--steps", $"{step + 1}");
        Assert.Equal((0, ""), (resumed.ExitCode, resumed.Error));
        Assert.Contains($"goes on after step {step} of {step + 1}", resumed.Out);
    }

    private static IEnumerable<string?> Events(string lines) =>
        lines.TrimEnd('\n').Split('\n').Select(line => JsonDocument.Parse(line).RootElement.GetProperty("event").GetString());

    private static Cli.Result Pretrain(params string[] args) => Cli.Run(["pretrain", .. s_small, .. args]);

    private string At(string name) => Path.Combine(_folder.FullName, name);

    private string Write(string name, ReadOnlySpan<byte> bytes)
    {
        File.WriteAllBytes(At(name), bytes);
        return At(name);
    }
}
