using Engine.Pretraining.Logs;

namespace Engine.Pretraining.Classification;

/// <summary>The pooled vectors of a set of sentences, as a classifier reads them.</summary>
public abstract class SentenceVectors
{
    private protected SentenceVectors(int count) => Count = count;

    /// <summary>Sentences.</summary>
    public int Count { get; }

    /// <summary>The vectors of some of them, one tensor (B, C) for each layer; the list is used again by the next call.</summary>
    public abstract ReadOnlySpan<Tensor> Of(StepScope step, ReadOnlySpan<int> rows);
}

/// <summary>Vectors that the encoder computes each time they are asked for, so that gradients go back to it.</summary>
public sealed class LiveVectors : SentenceVectors
{
    private readonly SentenceEncoder _encoder;
    private readonly int[][] _sentences;

    /// <summary>The vectors of given sentences.</summary>
    /// <exception cref="EngineException">A sentence has something that the vocabulary cannot express.</exception>
    public LiveVectors(SentenceEncoder encoder, IReadOnlyCollection<string> sentences)
        : base(sentences.Count) => (_encoder, _sentences) = (encoder, [.. sentences.Select(encoder.Read)]);

    /// <inheritdoc/>
    public override ReadOnlySpan<Tensor> Of(StepScope step, ReadOnlySpan<int> rows) => _encoder.Encode(step, _sentences, rows);

    /// <summary>The vectors as numbers, computed once.</summary>
    internal FrozenVectors Freeze(int batchSize, IProgress<WorkDone>? progress = null)
    {
        using StepScope step = new(_encoder.Model.Device, recording: false);
        (int K, int C) = (_encoder.LayerCount, _encoder.HiddenSize);
        float[][] layers = [.. Enumerable.Range(0, K).Select(_ => new float[Count * C])];

        // Sentences of like length together, so that little is padding.
        int[] order = [.. Enumerable.Range(0, Count).OrderBy(i => _sentences[i].Length)];
        float[] vectors = [];
        for (int start = 0; start < Count; start += batchSize)
        {
            progress?.Report(new WorkDone("encoding", start, Count, "sentences"));
            ReadOnlySpan<int> rows = order.AsSpan(start, Math.Min(batchSize, Count - start));
            ReadOnlySpan<Tensor> pooled = Of(step, rows);
            for (int j = 0; j < K; j++)
            {
                vectors = pooled[j].ToArray();
                for (int b = 0; b < rows.Length; b++)
                {
                    vectors.AsSpan(b * C, C).CopyTo(layers[j].AsSpan(rows[b] * C));
                }
            }

            step.Clear();
        }

        return new FrozenVectors(layers, C);
    }
}

/// <summary>Vectors that are computed already: the features of a probe.</summary>
public sealed class FrozenVectors : SentenceVectors
{
    // Beside it a feature is as good as constant.
    private const float Least = 1e-6f;
    private readonly float[][] _layers;
    private readonly int _width;
    private readonly Tensor[] _tensors;
    private float[] _batch = [];

    internal FrozenVectors(float[][] layers, int width)
        : base(layers[0].Length / width) => (_layers, _width, _tensors) = (layers, width, new Tensor[layers.Length]);

    /// <summary>
    /// Shifts and scales each feature of each layer so that these vectors have mean 0 and deviation 1, and others in the same way: what
    /// layer normalisation is for in equation 1 of Peters et al. 2018, and what lets one learning rate fit all encoders.
    /// </summary>
    public void Standardise(params ReadOnlySpan<FrozenVectors> others)
    {
        for (int j = 0; j < _layers.Length; j++)
        {
            for (int c = 0; c < _width; c++)
            {
                (double sum, double squares) = (0, 0);
                for (int i = c; i < _layers[j].Length; i += _width)
                {
                    sum += _layers[j][i];
                    squares += (double)_layers[j][i] * _layers[j][i];
                }

                double mean = sum / Count;
                float deviation = (float)Math.Sqrt(Math.Max(0, (squares / Count) - (mean * mean)));
                float scale = deviation > Least ? 1f / deviation : 0f;
                Scale(j, c, (float)mean, scale);
                foreach (FrozenVectors other in others)
                {
                    other.Scale(j, c, (float)mean, scale);
                }
            }
        }
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<Tensor> Of(StepScope step, ReadOnlySpan<int> rows)
    {
        if (_batch.Length < rows.Length * _width)
        {
            _batch = new float[rows.Length * _width];
        }

        for (int j = 0; j < _layers.Length; j++)
        {
            for (int b = 0; b < rows.Length; b++)
            {
                _layers[j].AsSpan(rows[b] * _width, _width).CopyTo(_batch.AsSpan(b * _width));
            }

            _tensors[j] = step.From<float>(_batch.AsSpan(0, rows.Length * _width), [rows.Length, _width]);
        }

        return _tensors;
    }

    private void Scale(int layer, int feature, float mean, float scale)
    {
        float[] values = _layers[layer];
        for (int i = feature; i < values.Length; i += _width)
        {
            values[i] = (values[i] - mean) * scale;
        }
    }
}
