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
        ArgumentOutOfRangeException.ThrowIfLessThan(beams, 1);
        using StepScope step = new(model.Device, recording: false);
        using Tensor encoded = model.Encode(step.From(inputIds, [1, inputIds.Length])).ToPersistent();
        List<Hypothesis> open = [new([limits.Start], 0)];
        List<Hypothesis> ended = [];
        for (int T = 1; T <= limits.MaxLength && open.Count > 0 && !Settled(open, ended, beams, lengthPenalty, limits.MaxLength); T++)
        {
            int rows = open.Count;
            int[] ids = [.. open.SelectMany(h => h.Tokens)];
            Tensor memory = step.Use(encoded).Expand([rows, encoded.Shape[1], encoded.Shape[2]]).Contiguous();
            float[] logP = model.NextTokenLogits(step.From<int>(ids, [rows, T]), memory).To(DType.Float32).LogSoftmax(-1).ToArray();
            step.Clear();
            List<Hypothesis> next = [.. Best(open, logP, 2 * beams)];
            ended.AddRange(next.Take(beams).Where(h => h.Tokens[^1] == limits.Eos || T == limits.MaxLength));
            open = [.. next.Where(h => h.Tokens[^1] != limits.Eos).Take(beams)];
        }

        Hypothesis best = ended.MaxBy(h => h.Score(lengthPenalty))!;
        return ([.. best.Tokens.Skip(1).Where(t => t != limits.Eos)], best.Score(lengthPenalty));
    }

    // Twice as many as beams, so that enough go on when some of them end.
    private static IEnumerable<Hypothesis> Best(List<Hypothesis> open, float[] logP, int count)
    {
        int V = logP.Length / open.Count;
        return Enumerable.Range(0, logP.Length)
            .OrderByDescending(i => open[i / V].LogP + logP[i])
            .ThenBy(i => i)
            .Take(count)
            .Select(i => new Hypothesis([.. open[i / V].Tokens, i % V], open[i / V].LogP + logP[i]));
    }

    // log p only falls, so the most an open one can reach is its present log p at the length that is best for it.
    private static bool Settled(List<Hypothesis> open, List<Hypothesis> ended, int beams, double lengthPenalty, int maxLength) =>
        ended.Count >= beams && open[0].LogP / Hypothesis.Penalty(maxLength, lengthPenalty) <= ended.Max(h => h.Score(lengthPenalty));

    private sealed record Hypothesis(int[] Tokens, double LogP)
    {
        public static double Penalty(int length, double alpha) => Math.Pow((5.0 + length) / 6.0, alpha);

        public double Score(double alpha) => LogP / Penalty(Tokens.Length - 1, alpha);
    }
}
