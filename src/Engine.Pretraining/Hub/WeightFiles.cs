using Engine.Serialization;

namespace Engine.Pretraining.Hub;

/// <summary>Files of weights by their names.</summary>
internal static class WeightFiles
{
    /// <summary>Opens one.</summary>
    /// <exception cref="EngineException">It is damaged, or its name says nothing about its format.</exception>
    public static WeightFile Open(string path) => path switch
    {
        _ when path.EndsWith(".index.json", StringComparison.Ordinal) => ShardedWeights.Open(path, Open),
        _ when Path.GetExtension(path) is ".bin" or ".pt" or ".pth" => TorchFile.Open(path),
        _ => SafeTensors.Open(path),
    };
}
