using Engine.Nn;
using Engine.Pretraining.Tokenizers;
using Engine.Pretraining.Tokenizers.Files;
using Engine.Pretraining.Training;
using Engine.Serialization;

namespace Engine.Pretraining.Hub;

/// <summary>Other people's checkpoints.</summary>
public static class Model
{
    /// <summary>
    /// Loads a Hugging Face folder (<c>config.json</c>, weights, a tokenizer) of GPT-2, Llama, Mistral, Mixtral, BERT, RoBERTa,
    /// ALBERT, ELECTRA, DistilBERT or T5, or a file of a Llama: GGUF, or llama2.c's <c>NAME.bin</c> (beside it <c>tokenizer.bin</c>), or a run's folder. Weights of any floating-point type
    /// become float32; dropout is off.
    /// </summary>
    /// <param name="path">The folder or file.</param>
    /// <param name="device">Where to; by default the device that <c>auto</c> names, which the result then owns.</param>
    /// <exception cref="EngineException">
    /// Something is missing, damaged or not supported; names the file with the key or the tensor.
    /// </exception>
    public static PretrainedModel Load(string path, Device? device = null)
    {
        if (RunModel.IsRun(path))
        {
            return LoadRun(path, device);
        }

        string folder = Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path))!;
        using WeightFile weights = Open(path, out HubJson json, out ITokenizer? tokenizer);
        HubArchitecture architecture = HubCatalog.Find(json);
        string? problem = null;
        tokenizer ??= ReadTokenizer(folder, out problem);
        Device? owned = device is null ? Device.Open("auto") : null;
        try
        {
            Module network = HubFolder.Load(device ?? owned!, json, architecture, weights, out string[] fresh, out string[] unused);
            return new PretrainedModel(path, architecture.ModelType, network, owned)
            {
                Tokenizer = tokenizer,
                TokenizerProblem = problem,
                NewParameters = fresh,
                UnusedTensors = unused,
                BosToken = AddsBos(folder, architecture) ? json.Ids("bos_token_id").Cast<int?>().FirstOrDefault() : null,
                EosTokens = json.Ids("eos_token_id"),
            };
        }
        catch
        {
            owned?.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Writes a model as a folder that Hugging Face's libraries load: <c>config.json</c>, <c>generation_config.json</c>, safetensors of the type that it
    /// is stored in (<see cref="Module.StoreAs"/>; int8 with scales, which not every library multiplies) and <c>tokenizer.json</c>.
    /// </summary>
    /// <param name="folder">The folder; it is made if need be.</param>
    /// <param name="network">A model of an architecture that <see cref="Load"/> knows.</param>
    /// <param name="tokenizer">Its vocabulary, if there is one.</param>
    /// <param name="maxShardBytes">The most bytes of one file of weights.</param>
    /// <exception cref="EngineException">The model has no such form, or a file cannot be written.</exception>
    public static void Save(string folder, Module network, ITokenizer? tokenizer = null, long maxShardBytes = 5_000_000_000) =>
        HubExport.Write(folder, network, tokenizer, maxShardBytes);

    /// <summary>Writes a model in one of the formats that others read.</summary>
    /// <param name="path">The folder (<c>hf</c>) or file (<c>gguf</c>, <c>npz</c>, <c>onnx</c>).</param>
    /// <param name="network">The model; for GGUF a Llama.</param>
    /// <param name="tokenizer">Its vocabulary, if there is one; .npz and .onnx have no place for it.</param>
    /// <param name="format">One of <see cref="Formats"/>.</param>
    /// <param name="type">The type of matrices: F32, F16 or BF16, in Hugging Face's form also I8, in GGUF Q8_0, Q4_0 or Q4_K. ONNX and NumPy take F32.</param>
    /// <exception cref="EngineException">The model has no such form, the format is unknown, or a file cannot be written.</exception>
    public static void Export(string path, Module network, ITokenizer? tokenizer, string format = "hf", string type = "F32")
    {
        switch (format)
        {
            case "hf":
                DType stored = network.Parameters.Where(p => p.Master.Rank == 2).Select(p => p.Value.DType).FirstOrDefault();
                network.StoreAs(type switch
                {
                    "F32" => DType.Float32,
                    "F16" => DType.Float16,
                    "BF16" => DType.BFloat16,
                    "I8" => DType.Int8,
                    _ => throw new EngineException($"type {type} has no form in safetensors; expected F32, F16, BF16 or I8."),
                });
                try
                {
                    Save(path, network, tokenizer);
                }
                finally
                {
                    network.StoreAs(stored);
                }

                break;
            case "npz" or "onnx" when type != "F32":
                throw new EngineException($"type {type} cannot be written as {format}; expected F32.");
            case "gguf":
                GgufLlama.Save(path, network, tokenizer, type);
                break;
            case "npz":
                NpzFile.Save(path, network.Parameters.Select(p => (p.Name, p.Master)));
                break;
            case "onnx":
                OnnxModels.Save(path, network);
                break;
            default:
                throw new EngineException($"format {format} is unknown; expected one of {string.Join(", ", Formats)}.");
        }
    }

    /// <summary>What <see cref="Export"/> writes.</summary>
    public static IReadOnlyList<string> Formats { get; } = ["hf", "gguf", "npz", "onnx"];

    private static PretrainedModel LoadRun(string path, Device? device)
    {
        Device? owned = device is null ? Device.Open("auto") : null;
        try
        {
            Module network = RunModel.Load(device ?? owned!, path, out _, out Configuration.PretrainConfig config, out ITokenizer tokenizer);
            return new PretrainedModel(path, config.Model, network, owned) { Tokenizer = tokenizer };
        }
        catch
        {
            owned?.Dispose();
            throw;
        }
    }

    private static WeightFile Open(string path, out HubJson json, out ITokenizer? tokenizer)
    {
        tokenizer = null;
        if (Directory.Exists(path))
        {
            json = HubJson.Read(Path.Combine(path, HubFolder.ConfigFile));
            return HubFolder.OpenWeights(path);
        }

        if (!File.Exists(path))
        {
            throw new EngineException($"{path}: there is no such folder or file.");
        }

        if (Path.GetExtension(path) == ".bin")
        {
            Llama2cFile file = Llama2cFile.Open(path);
            json = Llama2cConfig.Of(file);
            return file;
        }

        return Path.GetExtension(path) == ".gguf"
            ? GgufLlama.Open(path, out json, out tokenizer)
            : throw new EngineException($"{path}: is neither a folder with {HubFolder.ConfigFile} nor a file NAME.gguf or llama2.c's NAME.bin.");
    }

    // Weights are of use without their tokenizer.
    private static ITokenizer? ReadTokenizer(string folder, out string? problem)
    {
        problem = null;
        try
        {
            return PublishedFiles.Find(folder) is { } file ? TokenizerFile.Load(file) : null;
        }
        catch (EngineException e)
        {
            problem = e.Message;
            return null;
        }
    }

    private static bool AddsBos(string folder, HubArchitecture architecture)
    {
        const string Key = "add_bos_token";
        string path = Path.Combine(folder, "tokenizer_config.json");
        return File.Exists(path) && HubJson.Read(path) is { } json && json.Has(Key) ? json.Flag(Key) : architecture.AddsBos;
    }
}
