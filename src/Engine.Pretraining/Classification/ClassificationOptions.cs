namespace Engine.Pretraining.Classification;

/// <summary>How a classifier is trained on an encoder.</summary>
public sealed record ClassificationOptions
{
    /// <summary>Leaves the encoder as it is and trains logistic regression on its pooled vectors: a probe. Otherwise everything is trained.</summary>
    public bool Freeze { get; init; }

    /// <summary>How states become one vector; null takes the mean for a probe, else what the papers fine-tune (<see cref="SentenceEncoder.UsualPooling"/>).</summary>
    public Pooling? Pooling { get; init; }

    /// <summary>Passes over the sentences. 3 are usual for fine-tuning (Devlin et al. 2019: 2 to 4); a probe's cost next to nothing.</summary>
    public int Epochs { get; init; } = 3;

    /// <summary>Peak of the learning rate, which rises over a tenth of the steps and falls to 0 linearly. BERT-base is tuned with 5e-5, small models with more.</summary>
    public double LearningRate { get; init; } = 5e-4;

    /// <summary>B, sentences of a step.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>AdamW's decay of matrices (BERT: 0.01).</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Dropout of a fine-tuned head (BERT: 0.1); a probe has none.</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>Longer sentences are cut to so many tokens (the papers' GLUE runs: 128).</summary>
    public int MaxLength { get; init; } = 128;

    /// <summary>The first seed: of the head's weights, the order of the sentences, dropout, and the encoder's weights where they are random.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Seeds in a row that are trained and averaged over.</summary>
    public int Seeds { get; init; } = 3;

    /// <summary>The usual settings of a probe: a rate of 1e-2 and 20 passes, on vectors whose features have mean 0 and deviation 1.</summary>
    public static ClassificationOptions Probe { get; } = new() { Freeze = true, Epochs = 20, LearningRate = 1e-2, Dropout = 0 };
}
