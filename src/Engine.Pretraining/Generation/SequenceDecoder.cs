using Engine.Pretraining.Models;

namespace Engine.Pretraining.Generation;

/// <summary>Where a target begins and ends.</summary>
/// <param name="Start">The token before the first.</param>
/// <param name="Eos">Ends it; not part of the result.</param>
/// <param name="Pad">Stands behind the end of the shorter rows of a batch.</param>
/// <param name="MaxLength">The most tokens written, the end token included.</param>
public readonly record struct DecodingLimits(int Start, int Eos, int Pad, int MaxLength);

/// <summary>
/// Writes targets with an encoder-decoder. Sources are encoded once; the decoder reads its whole target again for each token,
/// which costs a target of T tokens T/2 passes and keeps every kind of model simple: meant for evaluation.
/// </summary>
public static class SequenceDecoder
{
    /// <summary>Takes the most likely token each time, for a batch of sources side by side.</summary>
    /// <param name="model">The model.</param>
    /// <param name="inputIds">Sources (B, S) row-major.</param>
    /// <param name="attentionMask">1 for a token, 0 for padding (B, S).</param>
    /// <param name="batch">B.</param>
    /// <param name="limits">Start, end and length.</param>
    /// <returns>For each source the tokens up to the end token.</returns>
    public static int[][] Greedy(EncoderDecoder model, ReadOnlySpan<int> inputIds, ReadOnlySpan<int> attentionMask, int batch, DecodingLimits limits)
    {
        ArgumentNullException.ThrowIfNull(model);
        int S = inputIds.Length / batch;
        using StepScope step = new(model.Device, recording: false);
        using Tensor mask = Tensor.From(model.Device, attentionMask, [batch, S]);
        using Tensor encoded = model.Encode(step.From(inputIds, [batch, S]), mask).ToPersistent();
        List<int>[] targets = [.. Enumerable.Range(0, batch).Select(_ => new List<int> { limits.Start })];
        int[] lengths = new int[batch];
        int[] best = new int[batch];
        for (int T = 1; T <= limits.MaxLength && lengths.Contains(T - 1); T++)
        {
            int[] ids = [.. targets.SelectMany(t => t)];
            model.NextTokenLogits(step.From<int>(ids, [batch, T]), step.Use(encoded), mask).ArgMax(-1).CopyTo<int>(best);
            step.Clear();
            for (int b = 0; b < batch; b++)
            {
                bool goesOn = lengths[b] == T - 1 && best[b] != limits.Eos;
                lengths[b] += goesOn ? 1 : 0;
                targets[b].Add(goesOn ? best[b] : limits.Pad);
            }
        }

        return [.. targets.Zip(lengths, (t, length) => t.Skip(1).Take(length).ToArray())];
    }

    /// <summary>
    /// Keeps the <paramref name="beams"/> best beginnings, scored by log p / ((5 + length)/6)^α (Wu et al., "Google's neural machine
    /// translation system", 2016, equation 14), until as many have ended and none that goes on can do better.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="inputIds">One source, without padding.</param>
    /// <param name="limits">Start, end and length.</param>
    /// <param name="beams">4 in Vaswani et al. 2017, section 6.1; 1 is greedy.</param>
    /// <param name="lengthPenalty">α; 0.6 there, 0 for none.</param>
    /// <returns>The best target, without start and end, and its score.</returns>
    public static (int[] Tokens, double Score) Beam(
        EncoderDecoder model, ReadOnlySpan<int> inputIds, DecodingLimits limits, int beams = 4, double lengthPenalty = 0.6)
    {
        ArgumentNullException.ThrowIfNull(model);
        BeamOptions options = new BeamOptions { Beams = beams }.Validated();
        BeamSearch search = new(options, new HashSet<int> { limits.Eos }, limits.MaxLength, length => Math.Pow((5.0 + length) / 6.0, lengthPenalty));
        using StepScope step = new(model.Device, recording: false);
        using Tensor encoded = model.Encode(step.From(inputIds, [1, inputIds.Length])).ToPersistent();
        while (!search.Done)
        {
            (int rows, int T) = (search.Open.Count, search.Open[0].Length + 1);
            int[] ids = new int[rows * T];
            for (int row = 0; row < rows; row++)
            {
                ids[row * T] = limits.Start;
                search.Open[row].CopyTo(ids.AsSpan((row * T) + 1));
            }

            Tensor memory = step.Use(encoded).Expand([rows, encoded.Shape[1], encoded.Shape[2]]).Contiguous();
            float[] logits = model.NextTokenLogits(step.From<int>(ids, [rows, T]), memory).To(DType.Float32).ToArray();
            step.Clear();
            search.Step(logits);
        }

        BeamText best = search.Best()[0];
        return (best.Tokens, best.Score);
    }
}
