using Engine.Nn;
using Engine.Pretraining.Generation;
using Engine.Pretraining.Models;
using Xunit;

namespace Engine.Pretraining.Tests.Generation;

public sealed class SequenceDecoderTests : IDisposable
{
    private const int V = 5;
    private const int Pad = 0;
    private const int Eos = 1;
    private static readonly DecodingLimits s_limits = new(Pad, Eos, Pad, MaxLength: 5);
    private readonly CpuDevice _device = new(2);
    private readonly Transformer _model;

    public SequenceDecoderTests()
    {
        _model = new Transformer(_device, new TransformerConfig { VocabSize = V, DModel = 8, Layers = 1, Heads = 2, FfnDim = 16, MaxPositionEmbeddings = 12 }, seed: 7);

        // Scores that are far apart, so that searches differ.
        foreach (Parameter parameter in _model.Parameters.Where(p => p.Master.Rank == 2))
        {
            parameter.Master.Load<float>([.. parameter.Master.ToArray().Select(w => 2f * w)]);
        }
    }

    public void Dispose()
    {
        _model.Dispose();
        _device.Dispose();
    }

    [Fact]
    public void A_batch_writes_what_each_source_writes_alone()
    {
        int[][] batch = SequenceDecoder.Greedy(_model, [2, 3, 4, 3, 2, Pad], [1, 1, 1, 1, 1, 0], 2, s_limits);
        Assert.Equal(SequenceDecoder.Greedy(_model, [2, 3, 4], [1, 1, 1], 1, s_limits)[0], batch[0]);
        Assert.Equal(SequenceDecoder.Greedy(_model, [3, 2], [1, 1], 1, s_limits)[0], batch[1]);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.6)]
    [InlineData(2.0)]
    public void A_beam_as_wide_as_all_targets_finds_the_best_of_all(double lengthPenalty)
    {
        foreach (int[] source in new int[][] { [2, 3, 4], [4, 4], [3, 2, 2, 4] })
        {
            (int[] tokens, double score) = SequenceDecoder.Beam(_model, source, s_limits, beams: (int)Math.Pow(V, 4), lengthPenalty);
            (int[] best, double bestScore) = Exhaustive(source, lengthPenalty);
            Assert.Equal(bestScore, score, 4);
            Assert.Equal(best, tokens);
        }
    }

    [Fact]
    public void One_beam_is_greedy_and_more_beams_score_no_worse_here()
    {
        int[] source = [2, 4, 3];
        int[] greedy = SequenceDecoder.Greedy(_model, source, [1, 1, 1], 1, s_limits)[0];
        (int[] one, double oneScore) = SequenceDecoder.Beam(_model, source, s_limits, beams: 1, lengthPenalty: 0);
        Assert.Equal(greedy, one);
        Assert.True(SequenceDecoder.Beam(_model, source, s_limits, beams: 4, lengthPenalty: 0).Score >= oneScore - 1e-6);
    }

    [Theory]
    [InlineData("transformer", DType.Float32)]
    [InlineData("transformer", DType.BFloat16)]
    [InlineData("t5", DType.Float32)]
    [InlineData("t5", DType.Int8)]
    public void Targets_are_those_of_a_decoder_that_reads_everything_again(string kind, DType weights)
    {
        const int Vocabulary = 37;
        const int Longest = 20;
        using EncoderDecoder model = kind == "t5"
            ? new T5(_device, new T5Config { VocabSize = Vocabulary, DModel = 32, DKv = 8, DFf = 48, NumLayers = 2, NumHeads = 4, RelativeAttentionNumBuckets = 8, RelativeAttentionMaxDistance = 16 }, seed: 3)
            : new Transformer(_device, new TransformerConfig { VocabSize = Vocabulary, DModel = 32, Layers = 2, Heads = 4, FfnDim = 48, MaxPositionEmbeddings = 24 }, seed: 3);
        foreach (Parameter parameter in model.Parameters.Where(p => p.Master.Rank == 2 && p.Name != "shared.weight"))
        {
            parameter.Master.Load<float>([.. parameter.Master.ToArray().Select(w => 4f * w)]);
        }

        model.StoreAs(weights);
        DecodingLimits limits = new(Pad, Eos, Pad, Longest);
        int[] source = [5, 9, 2, 30, 12, 7, 11, 3, 4, Pad, Pad, Pad];
        int[] mask = [1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0];
        int[][] targets = SequenceDecoder.Greedy(model, source, mask, 2, limits);
        for (int row = 0; row < 2; row++)
        {
            int[] own = [.. source.AsSpan(row * 6, 6).ToArray().Where((_, i) => mask[(row * 6) + i] == 1)];
            List<int> again = [Pad];
            using StepScope step = new(_device, recording: false);
            while (again.Count <= Longest && (again.Count == 1 || again[^1] != Eos))
            {
                Tensor encoded = model.Encode(step.From<int>(own, [1, own.Length]));
                int[] best = new int[1];
                model.NextTokenLogits(step.From<int>([.. again], [1, again.Count]), encoded).To(DType.Float32).ArgMax(-1).CopyTo<int>(best);
                again.Add(best[0]);
                step.Clear();
            }

            Assert.Equal(again.Skip(1).Where(t => t != Eos), targets[row]);
            Assert.Equal(targets[row], SequenceDecoder.Beam(model, own, limits, beams: 1).Tokens);
        }

        Assert.True(targets[0].Length > 3 && targets[0].Distinct().Count() > 1, "a target of one token shows nothing");
    }

    // All targets of up to MaxLength tokens: ended by the end token, or by the limit.
    private (int[] Tokens, double Score) Exhaustive(int[] source, double lengthPenalty)
    {
        (int[] Tokens, double Score) best = ([], double.NegativeInfinity);
        Visit([], 0);
        return best;

        void Visit(int[] written, double logP)
        {
            if (written.Length > 0 && (written[^1] == Eos || written.Length == s_limits.MaxLength))
            {
                double score = logP / Math.Pow((5.0 + written.Length) / 6.0, lengthPenalty);
                best = score > best.Score ? ([.. written.Where(t => t != Eos)], score) : best;
                return;
            }

            using StepScope step = new(_device, recording: false);
            int[] target = [Pad, .. written];
            Tensor logits = _model.Logits(step.From<int>(source, [1, source.Length]), step.From<int>(target, [1, target.Length]));
            float[] next = logits.Slice(1, target.Length - 1, target.Length).LogSoftmax(-1).ToArray();
            for (int token = 0; token < V; token++)
            {
                Visit([.. written, token], logP + next[token]);
            }
        }
    }
}
