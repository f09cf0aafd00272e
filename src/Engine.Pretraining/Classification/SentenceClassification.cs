using Engine.Pretraining.Data;
using Engine.Pretraining.Logs;

namespace Engine.Pretraining.Classification;

/// <summary>Which encoders are compared.</summary>
[Flags]
public enum EncoderStart
{
    /// <summary>The run's weights.</summary>
    Pretrained = 1,

    /// <summary>The same model before any training, new for each seed.</summary>
    Random = 2,
}

/// <summary>
/// Classification of sentences with the encoder of a run, over several seeds: what pre-training is worth to another task. This is what
/// <c>engine classify</c> calls.
/// </summary>
public static class SentenceClassification
{
    // Sentences of a pass that only encodes.
    private const int EncodingBatch = 64;

    /// <summary>Trains and tests classifiers.</summary>
    /// <param name="device">Where.</param>
    /// <param name="run">The folder of the encoder's run.</param>
    /// <param name="training">Sentences to train on.</param>
    /// <param name="testName">The test file's name, for messages.</param>
    /// <param name="test">Sentences to test on.</param>
    /// <param name="start">With which weights the encoder begins.</param>
    /// <param name="options">How it is trained.</param>
    /// <param name="progress">Told how far it is; null for nobody.</param>
    /// <param name="stop">Ends it early, without a report.</param>
    /// <exception cref="EngineException">There is no such run, its model is no encoder, a class of the test is not in the training, or it was stopped.</exception>
    public static ClassificationReport Run(
        Device device, string run, IReadOnlyList<LabelledSentence> training, string testName, IReadOnlyList<LabelledSentence> test,
        EncoderStart start, ClassificationOptions options, IProgress<WorkDone>? progress = null, CancellationToken stop = default)
    {
        string[] labels = [.. training.Select(s => s.Label).Distinct().Order(StringComparer.Ordinal)];
        Set train = new(training, [.. training.Select(s => Array.IndexOf(labels, s.Label))]);
        Set held = new(test, [.. test.Select(s => IndexOf(labels, s, testName))]);
        if (labels.Length < 2)
        {
            throw new EngineException($"all {training.Count} sentences to train on have the label {labels[0]}; a classifier needs two or more.");
        }

        int majority = train.Labels.CountBy(l => l).MaxBy(c => c.Value).Key;
        List<ClassificationResult> results = [];
        if (start.HasFlag(EncoderStart.Pretrained))
        {
            results.Add(Pretrained(device, run, train, held, labels.Length, options, progress, stop));
        }

        if (start.HasFlag(EncoderStart.Random))
        {
            results.Add(Random(device, run, train, held, labels.Length, options, progress, stop));
        }

        return new(labels, training.Count, test.Count, (double)held.Labels.Count(l => l == majority) / test.Count, results);
    }

    private static ClassificationResult Pretrained(
        Device device, string run, Set train, Set test, int labels, ClassificationOptions options, IProgress<WorkDone>? progress, CancellationToken stop)
    {
        List<ConfusionMatrix> matrices = [];
        SentenceEncoder? frozen = null;
        (SentenceVectors Train, SentenceVectors Test)? vectors = null;
        try
        {
            for (int i = 0; i < options.Seeds; i++)
            {
                // Fine-tuning changes the weights, so each seed reads them anew; a probe's vectors serve all.
                SentenceEncoder encoder = frozen ?? SentenceEncoder.Load(device, run, options.MaxLength);
                frozen = options.Freeze ? encoder : null;
                using SentenceEncoder? mine = options.Freeze ? null : encoder;
                vectors = options.Freeze && vectors is { } known ? known : Vectors(encoder, train, test, options, progress);
                matrices.Add(Classify(encoder, vectors.Value, train, test, labels, options, options.Seed + (ulong)i, progress, stop));
            }
        }
        finally
        {
            frozen?.Dispose();
        }

        return new("pre-trained", [.. matrices.Select(m => m.Accuracy)], matrices[0]);
    }

    private static ClassificationResult Random(
        Device device, string run, Set train, Set test, int labels, ClassificationOptions options, IProgress<WorkDone>? progress, CancellationToken stop)
    {
        List<ConfusionMatrix> matrices = [];
        for (int i = 0; i < options.Seeds; i++)
        {
            ulong seed = options.Seed + (ulong)i;
            using SentenceEncoder encoder = SentenceEncoder.Random(device, run, seed, options.MaxLength);
            matrices.Add(Classify(encoder, Vectors(encoder, train, test, options, progress), train, test, labels, options, seed, progress, stop));
        }

        return new("random", [.. matrices.Select(m => m.Accuracy)], matrices[0]);
    }

    private static (SentenceVectors Train, SentenceVectors Test) Vectors(SentenceEncoder encoder, Set train, Set test, ClassificationOptions options, IProgress<WorkDone>? progress)
    {
        encoder.Pooling = options.Pooling ?? (options.Freeze ? Pooling.Mean : encoder.UsualPooling);
        LiveVectors first = new(encoder, train.Texts);
        LiveVectors second = new(encoder, test.Texts);
        if (!options.Freeze)
        {
            return (first, second);
        }

        (FrozenVectors features, FrozenVectors held) = (first.Freeze(EncodingBatch, progress), second.Freeze(EncodingBatch, progress));
        features.Standardise(held);
        return (features, held);
    }

    private static ConfusionMatrix Classify(
        SentenceEncoder encoder, (SentenceVectors Train, SentenceVectors Test) vectors, Set train, Set test, int labels, ClassificationOptions options, ulong seed,
        IProgress<WorkDone>? progress, CancellationToken stop)
    {
        using SequenceClassifier classifier = new(encoder, labels, options, seed);
        classifier.Train(vectors.Train, train.Labels, progress, stop);
        if (stop.IsCancellationRequested)
        {
            throw new EngineException("stopped before all classifiers were trained; there is nothing to report.");
        }

        return new ConfusionMatrix(labels, test.Labels, classifier.Predict(vectors.Test));
    }

    private static int IndexOf(string[] labels, in LabelledSentence sentence, string name)
    {
        int label = Array.IndexOf(labels, sentence.Label);
        return label >= 0 ? label : throw new EngineException(
            $"{name}:{sentence.Line}: the label {sentence.Label} is not among those trained on: {string.Join(", ", labels)}.");
    }

    private sealed record Set(IReadOnlyList<LabelledSentence> Sentences, int[] Labels)
    {
        public string[] Texts => [.. Sentences.Select(s => s.Text)];
    }
}
