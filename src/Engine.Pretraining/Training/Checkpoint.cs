using System.Globalization;
using System.Text;
using System.Text.Json;
using Engine.Nn;
using Engine.Optim;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Tokenizers;
using Engine.Serialization;

namespace Engine.Pretraining.Training;

/// <summary>
/// A checkpoint on disk: <c>model.safetensors</c>, <c>optimizer.safetensors</c>, <c>state.json</c>, copies of the run's
/// configuration and tokenizer, and <c>SHA256SUMS</c>. It is written under another name, synced, then renamed, so a folder
/// with a checkpoint's name is always complete.
/// </summary>
public static class Checkpoint
{
    /// <summary>The model's weights in float32, Hugging Face names.</summary>
    public const string ModelFile = "model.safetensors";

    /// <summary>The optimizer's moments.</summary>
    public const string OptimizerFile = "optimizer.safetensors";

    /// <summary>Step, random position, last validation loss.</summary>
    public const string StateFile = "state.json";

    /// <summary>The run's configuration.</summary>
    public const string ConfigFile = "config.json";

    /// <summary>The vocabulary the model was trained with.</summary>
    public const string TokenizerFile = "tokenizer.json";

    /// <summary>Where a run stands between two steps; with the tensors, all that the next step depends on.</summary>
    /// <param name="Step">Steps done.</param>
    /// <param name="RandomPosition">Random numbers drawn by the steps (dropout).</param>
    /// <param name="ValidationLoss">The last validation loss; NaN if none.</param>
    /// <param name="DataFingerprint">Of the tokens trained on: a resumed run must see the same.</param>
    /// <param name="LossScaling">The loss scaler of a run in fp16, otherwise null.</param>
    public readonly record struct State(
        long Step, ulong RandomPosition, double ValidationLoss, ulong DataFingerprint, LossScaler.State? LossScaling = null);

    /// <summary>Writes the checkpoint of a step into a run and removes all but the newest <paramref name="keep"/>.</summary>
    /// <returns>The checkpoint's folder.</returns>
    /// <exception cref="EngineException">The disk is full or not writable; earlier checkpoints are untouched.</exception>
    public static string Save(RunFolder run, Module model, Optimizer optimizer, State state, string config, string tokenizer, int keep)
    {
        string target = RunFolder.CheckpointPath(run.Path, state.Step);
        string unfinished = Path.Combine(run.CheckpointsFolder, $".unfinished-{state.Step}");
        try
        {
            DeleteIfExists(unfinished);
            Directory.CreateDirectory(unfinished);
            SafeTensors.Save(Path.Combine(unfinished, ModelFile), model.Parameters.Select(p => (p.Name, p.Master)), Format);
            SafeTensors.Save(Path.Combine(unfinished, OptimizerFile), optimizer.StateTensors, Format);
            AtomicFile.Write(Path.Combine(unfinished, StateFile), stream => WriteState(stream, state, optimizer.StepCount));
            AtomicFile.Write(Path.Combine(unfinished, ConfigFile), stream => stream.Write(Encoding.UTF8.GetBytes(config)));
            AtomicFile.Write(Path.Combine(unfinished, TokenizerFile), stream => stream.Write(Encoding.UTF8.GetBytes(tokenizer)));
            Checksums.Write(unfinished);
            DeleteIfExists(target);
            Directory.Move(unfinished, target);
            foreach (long old in RunFolder.CheckpointsIn(run.Path).SkipLast(keep))
            {
                Directory.Delete(RunFolder.CheckpointPath(run.Path, old), recursive: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or EngineException)
        {
            IReadOnlyList<long> steps = RunFolder.CheckpointsIn(run.Path);
            string last = steps.Count > 0 ? $"the last good one is {RunFolder.CheckpointPath(run.Path, steps[^1])}" : "there is no earlier one";
            throw new EngineException($"{target}: the checkpoint cannot be written: {e.Message} ({last}).", e);
        }

        return target;
    }

    /// <summary>Reads a whole checkpoint back into a model and its optimizer of the same shapes.</summary>
    /// <exception cref="EngineException">It is damaged or does not fit; names the file and the tensor.</exception>
    public static State Load(string folder, Module model, Optimizer optimizer)
    {
        Checksums.Verify(folder);
        LoadWeights(folder, model);
        LoadTensors(Path.Combine(folder, OptimizerFile), optimizer.StateTensors);
        State state = ReadState(Path.Combine(folder, StateFile), out long optimizerSteps);
        optimizer.StepCount = optimizerSteps;
        return state;
    }

    /// <summary>Reads only the weights, for generation and evaluation.</summary>
    /// <exception cref="EngineException">It is damaged or does not fit; names the file and the tensor.</exception>
    public static void LoadModel(string folder, Module model)
    {
        Checksums.Verify(folder);
        LoadWeights(folder, model);
    }

    /// <summary>Checks a checkpoint and reads the tokenizer it carries.</summary>
    /// <exception cref="EngineException">It is damaged.</exception>
    public static ITokenizer ReadTokenizer(string folder)
    {
        Checksums.Verify(folder);
        return Tokenizers.TokenizerFile.Load(Path.Combine(folder, TokenizerFile));
    }

    /// <summary>Checks a checkpoint and reads the configuration of the run that wrote it.</summary>
    /// <exception cref="EngineException">It is damaged.</exception>
    public static PretrainConfig ReadConfig(string folder)
    {
        Checksums.Verify(folder);
        return Configuration.ConfigFile.FromEntries(Configuration.ConfigFile.ReadEntries(Path.Combine(folder, ConfigFile)), null);
    }

    /// <summary>Where the run stood when the checkpoint was written.</summary>
    /// <exception cref="EngineException">It is damaged.</exception>
    public static State ReadState(string folder)
    {
        Checksums.Verify(folder);
        return ReadState(Path.Combine(folder, StateFile), out _);
    }

    private static IReadOnlyDictionary<string, string> Format { get; } = new Dictionary<string, string> { ["format"] = "pt" };

    private static void LoadWeights(string folder, Module model)
    {
        LoadTensors(Path.Combine(folder, ModelFile), model.Parameters.Select(p => (p.Name, p.Master)));
        model.Refresh();
    }

    private static void LoadTensors(string path, IEnumerable<(string Name, Tensor Tensor)> targets)
    {
        using SafeTensors file = SafeTensors.Open(path);
        file.Load(targets);
    }

    private static void WriteState(Stream stream, State state, long optimizerSteps)
    {
        using Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteNumber("step", state.Step);
        json.WriteNumber("optimizer_steps", optimizerSteps);
        json.WriteNumber("random_position", state.RandomPosition);
        json.WriteNumber("data_fingerprint", state.DataFingerprint);
        if (double.IsNaN(state.ValidationLoss))
        {
            json.WriteNull("val_loss");
        }
        else
        {
            json.WriteNumber("val_loss", state.ValidationLoss);
        }

        if (state.LossScaling is { } scaling)
        {
            json.WriteStartObject("loss_scaling");
            json.WriteNumber("scale", scaling.Scale);
            json.WriteNumber("good_steps", scaling.GoodSteps);
            json.WriteNumber("skipped_steps", scaling.SkippedSteps);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static State ReadState(string path, out long optimizerSteps)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllText(path));
            JsonElement root = json.RootElement;
            optimizerSteps = root.GetProperty("optimizer_steps").GetInt64();
            JsonElement loss = root.GetProperty("val_loss");
            LossScaler.State? scaling = root.TryGetProperty("loss_scaling", out JsonElement s)
                ? new(s.GetProperty("scale").GetDouble(), s.GetProperty("good_steps").GetInt32(), s.GetProperty("skipped_steps").GetInt64())
                : null;
            return new State(
                root.GetProperty("step").GetInt64(),
                root.GetProperty("random_position").GetUInt64(),
                loss.ValueKind == JsonValueKind.Null ? double.NaN : loss.GetDouble(),
                root.GetProperty("data_fingerprint").GetUInt64(),
                scaling);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new EngineException(string.Create(CultureInfo.InvariantCulture, $"{path}: the checkpoint's state cannot be read: {e.Message}"), e);
        }
    }

    private static void DeleteIfExists(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
