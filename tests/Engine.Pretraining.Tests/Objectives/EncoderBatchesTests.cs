using Engine.Pretraining.Configuration;
using Engine.Pretraining.Data;
using Engine.Pretraining.Objectives;
using Engine.Pretraining.Objectives.Masking;
using Engine.Pretraining.Tests.Tokenizers;
using Engine.Testing;
using Xunit;

namespace Engine.Pretraining.Tests.Objectives;

public sealed class EncoderBatchesTests
{
    private const int B = 4;
    private const int T = 16;

    private static readonly string s_text = string.Join("\n\n", Enumerable.Range(0, 16).Select(d => string.Join('\n', Enumerable.Range(0, 4).Select(s => $"d{d:00} s{s} a b c"))));

    [Fact]
    public void Dynamic_masks_differ_from_epoch_to_epoch_and_static_ones_come_again()
    {
        EncoderBatches dynamicMasks = Make("dynamic", seed: 5);
        EncoderBatches staticMasks = Make("static", seed: 5);
        int epoch = Sequences() / B;
        Assert.Equal(0, Sequences() % B);
        string[][] epochs = [.. Enumerable.Range(0, 5).Select(e => Epoch(dynamicMasks, e))];
        Assert.All(epochs.Skip(1), e => Assert.NotEqual(epochs[0], e));
        Assert.Equal(epochs[1], Epoch(Make("dynamic", seed: 5), 1));
        Assert.NotEqual(epochs[1], Epoch(Make("dynamic", seed: 6), 1));

        epochs = [.. Enumerable.Range(0, 5).Select(e => Epoch(staticMasks, e))];
        Assert.Equal(epochs[0], epochs[2]);
        Assert.Equal(epochs[1], epochs[3]);
        Assert.NotEqual(epochs[0], epochs[1]);

        // The masked sequences of an epoch, whatever their order.
        string[] Epoch(EncoderBatches batches, int e) => [.. Enumerable.Range(e * epoch, epoch).SelectMany(b =>
        {
            batches.FillTraining(b);
            int[] ids = batches.InputIds.ToArray();
            return Sequences(batches).Select(s => string.Join(' ', ids[s.First..s.End]));
        }).Order(StringComparer.Ordinal)];
    }

    [Fact]
    public void Filled_up_batches_have_labels_at_their_rows_and_padding_masked_out()
    {
        EncoderBatches batches = Make("dynamic", seed: 5, packed: false);
        for (int n = 0; n < 20; n++)
        {
            batches.FillTraining(n);
            HashSet<int> used = [];
            for (int i = 0; i < batches.Labels.Length; i++)
            {
                int row = batches.Rows[i];
                Assert.Equal(i / batches.Predictions, row / T);
                if (batches.Labels[i] >= 0)
                {
                    Assert.True(used.Add(row));
                    Assert.Equal(1, batches.AttentionMask[row]);
                    Assert.True(batches.Labels[i] > 4);
                }
                else
                {
                    Assert.Equal(0, row % T);
                }
            }

            Assert.True(used.Count >= B);
            for (int i = 0; i < B * T; i++)
            {
                Assert.Equal(batches.InputIds[i] != 0, batches.AttentionMask[i] == 1);
            }
        }
    }

    [Theory]
    [InlineData("random")]
    [InlineData("epoch")]
    public void Filling_allocates_nothing(string sampling)
    {
        EncoderBatches batches = Make("dynamic", seed: 5, sampling);
        batches.FillTraining(0);
        batches.FillEvaluation(0);
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (int n = 0; n < 50; n++)
            {
                batches.FillTraining(n);
                batches.FillEvaluation(n);
            }
        }));
    }

    [Fact]
    public void Evaluation_does_not_depend_on_the_seed()
    {
        EncoderBatches first = Make("dynamic", seed: 5);
        EncoderBatches second = Make("dynamic", seed: 6);
        first.FillEvaluation(1);
        second.FillEvaluation(1);
        Assert.Equal(first.InputIds.ToArray(), second.InputIds.ToArray());
    }

    [Fact]
    public void Packed_batches_have_the_same_sequences_and_labels_without_padding()
    {
        EncoderBatches filled = Make("dynamic", seed: 5, packed: false);
        EncoderBatches packed = Make("dynamic", seed: 5);
        for (int n = 0; n < 20; n++)
        {
            filled.FillTraining(n);
            packed.FillTraining(n);
            (int First, int End)[] sequences = [.. Sequences(packed)];
            Assert.Equal(B, sequences.Length);
            Assert.InRange(packed.InputIds.Length - sequences.Sum(s => s.End - s.First), 0, 15);
            Assert.InRange(packed.Labels.Length, 1, filled.Labels.Length);
            Assert.Equal(packed.Rows.Length, packed.Labels.Length);
            for (int b = 0; b < B; b++)
            {
                (int first, int end) = sequences[b];
                int length = filled.AttentionMask.Slice(b * T, T).ToArray().Sum();
                Assert.Equal(length, end - first);
                Assert.Equal(filled.InputIds.Slice(b * T, length).ToArray(), packed.InputIds[first..end].ToArray());
                Assert.Equal(Enumerable.Range(0, length), packed.PositionIds[first..end].ToArray());
                Assert.All(Enumerable.Range(first, length), i => Assert.Equal((first, end), (packed.Ranges[2 * i], packed.Ranges[(2 * i) + 1])));
                Assert.Equal(Labels(filled, b * T, (b * T) + length, b * T), Labels(packed, first, end, first));
            }
        }

        static (int, int)[] Labels(EncoderBatches batches, int first, int end, int origin) =>
            [.. batches.Rows.ToArray().Zip(batches.Labels.ToArray()).Where(p => p.Second >= 0 && p.First >= first && p.First < end).Select(p => (p.First - origin, p.Second))];
    }

    // The real sequences of a batch, as ranges of its rows.
    private static IEnumerable<(int First, int End)> Sequences(EncoderBatches batches)
    {
        int[] ranges = batches.Ranges.ToArray();
        int[] mask = batches.AttentionMask.ToArray();
        return Enumerable.Range(0, mask.Length).Where(i => mask[i] == 1 && ranges[2 * i] == i).Select(i => (i, ranges[(2 * i) + 1]));
    }

    private static int Sequences() => new FullSentences(Corpus(out _), T, 2, 3).Count;

    private static Documents Corpus(out PieceTokenizer tokenizer)
    {
        tokenizer = new PieceTokenizer(s_text);
        return Documents.Read(new Corpus("corpus", s_text), tokenizer);
    }

    private static EncoderBatches Make(string masking, ulong seed, string sampling = "epoch", bool packed = true)
    {
        FullSentences sequences = new(Corpus(out PieceTokenizer tokenizer), T, 2, 3);
        PretrainConfig config = new() { BatchSize = B, BlockSize = T, EvalBatches = 2, Sampling = sampling, Masking = masking, StaticMasks = 2, Seed = seed, CudaGraphs = !packed };
        return new EncoderBatches(config, sequences, sequences, new TokenMasker(tokenizer, new MaskingOptions { MaxPredictions = 3 }, T, "mlm"), 3, 0);
    }
}
