using Engine.Nn;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Models;
using Engine.Pretraining.Tokenizers;

namespace Engine.Pretraining.Training;

/// <summary>The model of a run's newest checkpoint.</summary>
internal static class RunModel
{
    /// <summary>Whether a folder is a run's.</summary>
    public static bool IsRun(string folder) => Directory.Exists(folder) && RunFolder.CheckpointsIn(folder).Count > 0;

    /// <summary>Loads it with its weights; does not need the corpus, nor the run to be over.</summary>
    /// <exception cref="EngineException">There is no such run, or its checkpoint is damaged.</exception>
    public static Module Load(Device device, string run, out string checkpoint, out PretrainConfig config, out ITokenizer tokenizer)
    {
        checkpoint = RunFolder.LatestCheckpoint(run);
        config = Checkpoint.ReadConfig(checkpoint);
        tokenizer = Checkpoint.ReadTokenizer(checkpoint);
        Module model = ModelCatalog.Create(device, config, tokenizer.VocabSize);
        try
        {
            Checkpoint.LoadModel(checkpoint, model);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }
}
