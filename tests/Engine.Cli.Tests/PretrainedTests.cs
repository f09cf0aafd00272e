using System.Text.Json;
using Engine.Testing;
using Xunit;

namespace Engine.Cli.Tests;

/// <summary>Other people's models on the command line.</summary>
public sealed class PretrainedTests
{
    [Fact]
    public void A_folder_and_a_llama2c_file_continue_a_prompt_alike()
    {
        using Fixture file = Fixture.OpenReal("real_stories260k");
        string folder = Fixture.WeightsFolder("stories260K");
        string text = file.Metadata["prompt0.text"];
        int tokens = file.Ints("prompt0.greedy_ids").Length - file.Ints("prompt0.prompt_ids").Length;
        foreach (string path in new[] { folder, Path.Combine(folder, "stories260K.bin") })
        {
            Cli.Result result = Cli.Run("generate", "--model", path, "--prompt", text, "--temperature", "0", "--tokens", $"{tokens}", "--device", "cpu", "--json");
            Assert.Equal((0, string.Empty), (result.ExitCode, result.Error));
            using JsonDocument json = JsonDocument.Parse(result.Out);
            Assert.Equal(file.Metadata["prompt0.greedy_text"], text + json.RootElement.GetProperty("text").GetString());
        }
    }

    [Fact]
    public void A_run_is_exported_and_writes_the_same_text()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("engine-export-");
        try
        {
            string run = Path.Combine(folder.FullName, "run");
            Cli.Result trained = Cli.Run(
                "pretrain", "--out", run, "--max_steps", "2", "--warmup_steps", "0", "--n_layer", "1", "--n_embd", "16", "--n_head", "2", "--block_size", "16", "--batch_size", "2", "--device", "cpu", "--eval_batches", "1");
            Assert.Equal((0, string.Empty), (trained.ExitCode, trained.Error));
            string to = Path.Combine(folder.FullName, "hf");
            Cli.Result exported = Cli.Run("export", "--model", run, "--to", to);
            Assert.Equal((0, string.Empty), (exported.ExitCode, exported.Error));
            Assert.StartsWith($"{to}: gpt2, ", exported.Out, StringComparison.Ordinal);
            Assert.Equal(
                ["config.json", "generation_config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"],
                Directory.GetFiles(to).Select(Path.GetFileName).Order(StringComparer.Ordinal));
            string Text(params string[] from) => Cli.Run(["generate", .. from, "--prompt", "ROMEO:", "--tokens", "30", "--seed", "7", "--device", "cpu"]).Out;
            Assert.Equal(Text("--run", run), Text("--model", to));
            Assert.Equal(2, Cli.Run("export", "--model", run, "--to", Path.Combine(folder.FullName, "x.gguf"), "--format", "gguf").ExitCode);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void An_encoder_decoder_writes_targets_from_a_run_and_from_a_folder()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("engine-t5-");
        try
        {
            string run = Path.Combine(folder.FullName, "run");
            Cli.Result trained = Cli.Run(
                "pretrain", "--preset", "t5-tiny", "--out", run, "--max_steps", "2", "--warmup_steps", "0", "--n_layer", "1", "--n_embd", "16", "--n_head", "2", "--vocab_size", "400", "--block_size", "16",
                "--batch_size", "2", "--device", "cpu", "--eval_batches", "1", "--sample_tokens", "0");
            Assert.Equal((0, string.Empty), (trained.ExitCode, trained.Error));
            string to = Path.Combine(folder.FullName, "hf");
            Assert.Equal(0, Cli.Run("export", "--model", run, "--to", to).ExitCode);
            string Text(params string[] options) => Json(["generate", .. options, "--prompt", "To be or not", "--tokens", "12", "--device", "cpu"]).GetProperty("text").GetString()!;
            Assert.NotEmpty(Text("--run", run));
            Assert.Equal(Text("--run", run), Text("--model", to));
            Assert.Equal(Text("--run", run), Text("--model", to, "--beams", "1"));
            Cli.Result refused = Cli.Run("generate", "--model", to, "--temperature", "0.5", "--device", "cpu");
            Assert.Equal(2, refused.ExitCode);
            Assert.Contains("leave out --temperature", refused.Error, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_search_and_a_draft_are_asked_for_by_options()
    {
        string folder = Fixture.WeightsFolder("stories260K");
        string[] generate = ["generate", "--model", folder, "--prompt", "Once upon a time", "--tokens", "24", "--device", "cpu"];
        string greedy = Json([.. generate, "--temperature", "0"]).GetProperty("text").GetString()!;
        Assert.Equal(greedy, Json([.. generate, "--beams", "1"]).GetProperty("text").GetString());
        JsonElement[] texts = [.. Json([.. generate, "--beams", "4", "--texts", "3", "--length-penalty", "0"]).GetProperty("texts").EnumerateArray()];
        double[] scores = [.. texts.Select(t => t.GetProperty("score").GetDouble())];
        Assert.Equal((3, true), (scores.Length, scores[0] > scores[1] && scores[1] > scores[2]));
        Assert.StartsWith($"[1] score {scores[0]:0.0000}\nOnce upon a time{texts[0].GetProperty("text").GetString()}\n[2] score ", Cli.Run([.. generate, "--beams", "4", "--texts", "3", "--length-penalty", "0"]).Out, StringComparison.Ordinal);

        JsonElement drafted = Json([.. generate, "--temperature", "0", "--draft", folder, "--draft-weights", "int8", "--draft-tokens", "3"]);
        Assert.Equal(greedy, drafted.GetProperty("text").GetString());
        Assert.InRange(drafted.GetProperty("accepted").GetInt32(), 1, drafted.GetProperty("drafted").GetInt32());
        Assert.Matches("^draft: [0-9]+ of [0-9]+ tokens accepted", Cli.Run([.. generate, "--draft", folder]).Error);

        Cli.AssertMistake("engine generate: --beams searches for the most likely text and goes without --top-k.", [.. generate, "--beams", "2", "--top-k", "3"]);
        Cli.AssertMistake("engine generate: --beams searches for the most likely text and goes without --draft.", [.. generate, "--beams", "2", "--draft", folder]);
        Cli.AssertMistake("engine generate: --texts is of a search; give --beams N.", [.. generate, "--texts", "2"]);
        Cli.AssertMistake("engine generate: --draft-tokens goes with --draft PATH.", [.. generate, "--draft-tokens", "2"]);
    }

    [Fact]
    public void Mistakes_are_one_sentence()
    {
        string folder = Fixture.WeightsFolder("stories260K");
        Cli.AssertMistake($"engine generate: --run x and --model {folder} exclude each other.", "generate", "--run", "x", "--model", folder);
        Cli.AssertMistake("engine serve: --tokenizer goes with --model; a run has its own.", "serve", "--run", "x", "--tokenizer", "y", "--device", "cpu");
        Cli.AssertMistake("engine serve: --host nowhere is no IP address; take 127.0.0.1, or 0.0.0.0 to listen on all.", "serve", "--model", folder, "--host", "nowhere");
        Cli.AssertMistake("x: is neither a chat template's file or folder nor one of plain, chatml, llama2, zephyr.", "serve", "--template", "x");
        Cli.AssertMistake("engine export: --format = x is not allowed; expected hf, gguf, npz or onnx.", "export", "--model", folder, "--to", "y", "--format", "x");
        Cli.AssertMistake("nowhere: there is no such folder or file.", "generate", "--model", "nowhere", "--device", "cpu");
    }

    private static JsonElement Json(string[] args)
    {
        Cli.Result result = Cli.Run([.. args, "--json"]);
        Assert.Equal((0, string.Empty), (result.ExitCode, result.Error));
        using JsonDocument json = JsonDocument.Parse(result.Out);
        return json.RootElement.Clone();
    }
}
