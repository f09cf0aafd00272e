using Engine.Pretraining.Configuration;

namespace Engine.Pretraining.Models;

/// <summary>The shape of an ELMo; the defaults are the sizes of the paper's model, with its vocabulary of the one-billion-word benchmark.</summary>
public sealed record ElmoConfig
{
    /// <summary>Characters that a word is written in, marks of word and sentence among them.</summary>
    public int CharVocabSize { get; init; } = 262;

    /// <summary>V, words that the language models predict.</summary>
    public int VocabSize { get; init; } = 793_471;

    /// <summary>D, width of a character's vector.</summary>
    public int CharDim { get; init; } = 16;

    /// <summary>Widths of the convolutions in characters.</summary>
    public IReadOnlyList<int> Widths { get; init; } = [1, 2, 3, 4, 5, 6, 7];

    /// <summary>Filters of each width.</summary>
    public IReadOnlyList<int> Filters { get; init; } = [32, 32, 64, 128, 256, 512, 1024];

    /// <summary>Highway layers behind the convolutions.</summary>
    public int Highways { get; init; } = 2;

    /// <summary>H, cells of an LSTM.</summary>
    public int Hidden { get; init; } = 4096;

    /// <summary>P, width of a word's vector and of the LSTMs' projected states.</summary>
    public int Projection { get; init; } = 512;

    /// <summary>L, LSTM layers of each direction.</summary>
    public int Layers { get; init; } = 2;

    /// <summary>Dropout of the inputs of LSTMs and of the output layer; 0.1 in the paper.</summary>
    public float Dropout { get; init; }

    /// <summary>The shape that a run's configuration describes; convolutions are the paper's, with as many filters fewer as words are narrower.</summary>
    public static ElmoConfig From(PretrainConfig config, int vocabSize)
    {
        ArgumentNullException.ThrowIfNull(config);
        ElmoConfig paper = new();
        return paper with
        {
            VocabSize = vocabSize,
            Filters = [.. paper.Filters.Select(f => Math.Max(4, (int)((long)f * config.NEmbd / paper.Projection)))],
            Hidden = config.HiddenSize,
            Projection = config.NEmbd,
            Layers = config.NLayer,
            Dropout = (float)config.Dropout,
        };
    }

    /// <summary>Checks that the numbers make a model.</summary>
    /// <exception cref="EngineException">A size is not positive, or widths and filters differ in number.</exception>
    public ElmoConfig Validated()
    {
        if (Math.Min(Math.Min(Math.Min(CharVocabSize, VocabSize), Math.Min(CharDim, Hidden)), Math.Min(Projection, Layers)) < 1 || Highways < 0)
        {
            throw new EngineException($"ELMo: {CharVocabSize} characters of {CharDim} numbers, {VocabSize} words, {Layers} layers of {Hidden} cells, projection {Projection} and {Highways} highway layers; expected sizes of at least 1.");
        }

        return Widths.Count == Filters.Count && Widths.Count > 0 && Widths.All(w => w > 0) && Filters.All(f => f > 0)
            ? this
            : throw new EngineException($"ELMo: widths {string.Join(", ", Widths)} and filters {string.Join(", ", Filters)}; expected one positive number of filters for each width.");
    }
}
