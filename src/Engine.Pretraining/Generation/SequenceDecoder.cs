using Engine.Pretraining.Models;

namespace Engine.Pretraining.Generation;

/// <summary>Where a target begins and ends.</summary>
/// <param name="Start">The token before the first.</param>
/// <param name="Eos">Ends it; not part of the result.</param>
/// <param name="Pad">Stands behind the end of the shorter rows of a batch.</param>
/// <param name="MaxLength">The most tokens written, the end token included.</param>
public readonly record struct DecodingLimits(int Start, int Eos, int Pad, int MaxLength);

/// <summary>
/// Writes targets with an encoder-decoder. Sources are encoded once, and each pass of the decoder reads one token of every target against
/// what a <see cref="DecoderCache"/> keeps of those before it and of the source.
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
        using DecoderCache cache = model.NewCache(batch, Math.Max(1, limits.MaxLength));
        List<int>[] targets = [.. Enumerable.Range(0, batch).Select(_ => new List<int>())];
        bool[] ended = new bool[batch];
        int[] last = new int[batch];
        Array.Fill(last, limits.Start);
        for (int T = 0; T < limits.MaxLength && ended.Contains(false); T++)
        {
            model.NextTokenLogits(step.From<int>(last, [batch, 1]), step.Use(encoded), mask, cache).To(DType.Float32).ArgMax(-1).CopyTo<int>(last);
            step.Clear();
            for (int b = 0; b < batch; b++)
            {
                ended[b] |= last[b] == limits.Eos;
                last[b] = ended[b] ? limits.Pad : last[b];
                targets[b].AddRange(ended[b] ? [] : [last[b]]);
            }
        }

        return [.. targets.Select(t => t.ToArray())];
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
        Tensor one = model.Encode(step.From(inputIds, [1, inputIds.Length]));
        using Tensor encoded = one.Expand([beams, one.Shape[1], one.Shape[2]]).ToPersistent();
        using DecoderCache cache = model.NewCache(beams, Math.Max(1, limits.MaxLength));
        BeamRows rows = new(cache.Target, beams, 1, search.Open[0]);
        int[] start = new int[beams];
        Array.Fill(start, limits.Start);
        float[] scores = [];
        while (!search.Done)
        {
            bool begins = scores.Length == 0;
            Tensor ids = step.From(begins ? start : rows.Place(step, search.Open), [beams, 1]);
            scores = model.NextTokenLogits(ids, step.Use(encoded), cache: cache).To(DType.Float32).ToArray();
            step.Clear();
            search.Step(begins ? scores.AsSpan(0, scores.Length / beams) : rows.Ordered(scores, search.Open.Count));
        }

        BeamText best = search.Best()[0];
        return (best.Tokens, best.Score);
    }
}
