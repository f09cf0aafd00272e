using Engine.Nn;
using Engine.Optim;
using Engine.Pretraining.Data;
using Engine.Pretraining.Logs;

namespace Engine.Pretraining.Classification;

/// <summary>An encoder with a head that names the class of a sentence, and the loop that trains it: the head alone, or both.</summary>
public sealed class SequenceClassifier : IDisposable
{
    private const double WarmupShare = 0.1;
    private const double LongestGradient = 1;
    private readonly ClassificationOptions _options;
    private readonly Device _device;
    private readonly Parameter[] _parameters;
    private readonly ulong _seed;

    /// <summary>A classifier with a fresh head.</summary>
    /// <param name="encoder">What it stands on; its pooling is the encoder's.</param>
    /// <param name="labels">Classes.</param>
    /// <param name="options">Settings of the training.</param>
    /// <param name="seed">Of the head, the order of the sentences and dropout.</param>
    public SequenceClassifier(SentenceEncoder encoder, int labels, ClassificationOptions options, ulong seed)
    {
        (_options, _seed, _device) = (options, seed, encoder.Model.Device);
        Head = new ClassificationHead(
            encoder, labels, dense: !options.Freeze && !encoder.HasPooler, options.Freeze ? 0 : options.Dropout, seed);
        _parameters = [.. options.Freeze ? [] : encoder.Model.Parameters, .. Head.Parameters];
    }

    /// <summary>The head.</summary>
    public ClassificationHead Head { get; }

    /// <summary>Trains on sentences of known classes.</summary>
    /// <param name="vectors">Their vectors: <see cref="LiveVectors"/>, or <see cref="FrozenVectors"/> for a probe.</param>
    /// <param name="labels">Their classes.</param>
    /// <param name="progress">Told how far it is; null for nobody.</param>
    /// <param name="stop">Ends the training early.</param>
    public void Train(SentenceVectors vectors, ReadOnlySpan<int> labels, IProgress<WorkDone>? progress = null, CancellationToken stop = default)
    {
        int B = _options.BatchSize;
        int perEpoch = (vectors.Count + B - 1) / B;
        long total = (long)perEpoch * _options.Epochs;
        LinearSchedule schedule = new(_options.LearningRate, (long)(WarmupShare * total), total);
        using AdamW optimizer = new(ParameterGroup.Split(_parameters, _options.WeightDecay), _options.LearningRate);
        using GradientClipping clipping = new(_parameters);
        using StepScope step = new(_device, recording: true, _seed);
        int[] rows = new int[B];
        int[] targets = new int[B];
        for (long done = 0; done < total && !stop.IsCancellationRequested; done++)
        {
            progress?.Report(new WorkDone("training", done, total, "steps"));
            (long epoch, long place) = Math.DivRem(done, perEpoch);
            Permutation order = new(vectors.Count, _seed, (ulong)epoch);
            int n = (int)Math.Min(B, vectors.Count - (place * B));
            for (int b = 0; b < n; b++)
            {
                rows[b] = (int)order.At((place * B) + b);
                targets[b] = labels[rows[b]];
            }

            Tensor loss = Head.Forward(vectors.Of(step, rows.AsSpan(0, n))).CrossEntropy(step.From<int>(targets.AsSpan(0, n), [n]));
            step.Backward(loss);
            step.Clear();
            clipping.Measure(LongestGradient);
            optimizer.LearningRate = schedule.At(done);
            optimizer.Step(clipping.Scale);
            optimizer.ZeroGrad();
        }
    }

    /// <summary>The likeliest class of each sentence.</summary>
    public int[] Predict(SentenceVectors vectors)
    {
        using StepScope step = new(_device, recording: false);
        int[] classes = new int[vectors.Count];
        int[] rows = [.. Enumerable.Range(0, vectors.Count)];
        for (int start = 0; start < rows.Length; start += _options.BatchSize)
        {
            int n = Math.Min(_options.BatchSize, rows.Length - start);
            Head.Forward(vectors.Of(step, rows.AsSpan(start, n))).ArgMax(-1).CopyTo<int>(classes.AsSpan(start, n));
            step.Clear();
        }

        return classes;
    }

    /// <summary>Frees the head; the encoder belongs to whoever made it.</summary>
    public void Dispose() => Head.Dispose();
}
