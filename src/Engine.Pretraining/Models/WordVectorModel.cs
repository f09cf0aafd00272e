using Engine.Nn;
using Engine.Pretraining.Configuration;

namespace Engine.Pretraining.Models;

/// <summary>
/// Tables of word vectors as parameters, so that checkpoints hold them: word2vec's (Mikolov et al. 2013), or GloVe's (Pennington et
/// al. 2014) with the sums of AdaGrad. Whoever trains them sets their first values.
/// </summary>
public sealed class WordVectorModel : Module
{
    private WordVectorModel(Device device, IEnumerable<(string Name, Shape Shape)> tables)
        : base(device) => Tables = [.. tables.Select(t => Param(t.Name, t.Shape, Initializer.Zeros))];

    /// <summary>The tables.</summary>
    public IReadOnlyList<Parameter> Tables { get; }

    /// <summary>The table of this name; null if this model has none.</summary>
    public Parameter? Find(string name) => Tables.FirstOrDefault(t => t.Name == name);

    /// <summary>
    /// Input vectors (V, D), output vectors (V, D) if there is negative sampling, the tree's nodes (V − 1, D) if there is hierarchical softmax, and
    /// the learning rate that training has come to (1).
    /// </summary>
    public static WordVectorModel Word2Vec(Device device, PretrainConfig config, int vocabSize)
    {
        ArgumentNullException.ThrowIfNull(config);
        List<(string, Shape)> tables = [("input.weight", [vocabSize, config.NEmbd])];
        if (config.Negative > 0)
        {
            tables.Add(("output.weight", [vocabSize, config.NEmbd]));
        }

        if (config.HierarchicalSoftmax)
        {
            tables.Add(("nodes.weight", [Math.Max(1, vocabSize - 1), config.NEmbd]));
        }

        tables.Add(("rate", [1]));
        return new(device, tables);
    }

    /// <summary>Vectors (V, D) and biases (V) of words and of contexts, each with its sums of squares.</summary>
    public static WordVectorModel Glove(Device device, PretrainConfig config, int vocabSize)
    {
        ArgumentNullException.ThrowIfNull(config);
        List<(string, Shape)> tables = [];
        for (int i = 0; i < 4; i++)
        {
            string name = i / 2 == 0 ? "word" : "context";
            string suffix = i % 2 == 0 ? string.Empty : ".squares";
            tables.Add(($"{name}.weight{suffix}", [vocabSize, config.NEmbd]));
            tables.Add(($"{name}.bias{suffix}", [vocabSize]));
        }

        return new(device, tables);
    }
}
