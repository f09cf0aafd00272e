using System.Security.Cryptography;
using Engine.Nn;
using Engine.Pretraining.Classification;
using Engine.Pretraining.Data;
using Xunit;

namespace Engine.Pretraining.Tests.Classification;

/// <summary>Encoders of real, small runs, probed and fine-tuned.</summary>
public sealed class SentenceClassificationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // Measured: 0.99 to 1.00 against 0.33 to 0.68. Random encoders are right by chance, and the spread of their means is about a tenth.
    [Theory]
    [InlineData("roberta-tiny", 1000)]
    [InlineData("electra-tiny", 1000)]
    [InlineData("elmo-tiny", 800)]
    [InlineData("word2vec", 5)]
    [InlineData("glove", 25)]
    [InlineData("shakespeare-char", 150)]
    public void A_probe_of_what_was_pre_trained_beats_the_same_encoder_from_random_weights(string preset, int steps)
    {
        using CpuDevice device = new();
        ClassificationReport report = SentenceClassification.Run(
            device, Train(preset, steps), WordClasses.Sentences(200, test: false), "test", WordClasses.Sentences(200, test: true),
            EncoderStart.Pretrained | EncoderStart.Random, ClassificationOptions.Probe with { Seeds = 5, Epochs = 10 });
        Assert.Equal(["even", "odd"], report.Labels);
        Assert.Equal(0.5, report.Majority);
        (ClassificationResult trained, ClassificationResult random) = (report.Results[0], report.Results[1]);
        TestContext.Current.TestOutputHelper!.WriteLine($"{preset}: {trained.Mean} against {random.Mean}");
        Assert.True(trained.Mean > random.Mean + 0.25, $"{trained.Mean} against {random.Mean}");
    }

    [Fact]
    public void A_probe_leaves_every_byte_of_the_encoder_and_fine_tuning_does_not()
    {
        using CpuDevice device = new();
        string run = Train("electra-tiny", 3);
        Assert.Equal(Hash(freeze: false, epochs: 0), Hash(freeze: true, epochs: 3));
        Assert.NotEqual(Hash(freeze: false, epochs: 0), Hash(freeze: false, epochs: 1));

        string Hash(bool freeze, int epochs)
        {
            using SentenceEncoder encoder = SentenceEncoder.Load(device, run);
            ClassificationOptions options = new() { Freeze = freeze, Epochs = epochs, BatchSize = 16 };
            IReadOnlyList<LabelledSentence> sentences = WordClasses.Sentences(64, test: false);
            using SequenceClassifier classifier = new(encoder, 2, options, seed: 1);
            LiveVectors vectors = new(encoder, [.. sentences.Select(s => s.Text)]);
            if (epochs > 0)
            {
                classifier.Train(vectors, [.. sentences.Select(s => s.Label == "odd" ? 1 : 0)]);
            }

            using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (Parameter parameter in encoder.Model.Parameters)
            {
                hash.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(parameter.Master.ToArray()));
            }

            return Convert.ToHexString(hash.GetHashAndReset());
        }
    }

    [Theory]
    [InlineData("bert-tiny", Pooling.Cls)]
    [InlineData("electra-tiny", Pooling.Cls)]
    [InlineData("t5-tiny", Pooling.Mean)]
    [InlineData("elmo-tiny", Pooling.Mean)]
    [InlineData("shakespeare-char", Pooling.Last)]
    public void Fine_tuning_learns_the_sentences_it_is_shown(string preset, Pooling usual)
    {
        using CpuDevice device = new();
        string run = Train(preset, 2);
        using SentenceEncoder encoder = SentenceEncoder.Load(device, run);
        Assert.Equal((usual, preset == "bert-tiny" && usual == Pooling.Cls), (encoder.UsualPooling, WithPooling(encoder).HasPooler));
        IReadOnlyList<LabelledSentence> sentences = WordClasses.Sentences(64, test: false);
        ClassificationReport report = SentenceClassification.Run(
            device, run, sentences, "same", sentences, EncoderStart.Pretrained, new() { Seeds = 1, Epochs = 20, LearningRate = 3e-3 });
        Assert.True(report.Results[0].Mean > 0.95, $"{report.Results[0].Mean}");
        Assert.True(double.IsNaN(report.Results[0].StandardDeviation));

        static SentenceEncoder WithPooling(SentenceEncoder encoder)
        {
            encoder.Pooling = encoder.UsualPooling;
            return encoder;
        }
    }

    [Theory]
    [InlineData("roberta-tiny")]
    [InlineData("elmo-tiny")]
    [InlineData("word2vec")]
    [InlineData("shakespeare-char")]
    public void A_vector_does_not_depend_on_the_sentences_beside_it(string preset)
    {
        using CpuDevice device = new();
        using SentenceEncoder encoder = SentenceEncoder.Load(device, Train(preset, 2), maxLength: 12);
        string[] sentences = ["ai bi the1", "cj", "ai the2 bj aj the1 bk the2 ck ci the1 ai the3 bi cj the1 dk el", preset == "word2vec" ? "unheard" : "the1"];
        LiveVectors vectors = new(encoder, sentences);
        foreach (Pooling pooling in Enum.GetValues<Pooling>())
        {
            encoder.Pooling = pooling;
            using StepScope step = new(device, recording: false);
            float[][] together = [.. vectors.Of(step, [0, 1, 2, 3]).ToArray().Select(t => t.ToArray())];
            int C = encoder.HiddenSize;
            for (int i = 0; i < sentences.Length; i++)
            {
                ReadOnlySpan<Tensor> alone = vectors.Of(step, [i]);
                for (int layer = 0; layer < encoder.LayerCount; layer++)
                {
                    float[] expected = together[layer][(i * C)..((i + 1) * C)];
                    float[] actual = alone[layer].ToArray();
                    Assert.All(expected.Zip(actual), p => Assert.Equal(p.First, p.Second, 1e-5f));
                    Assert.Equal(preset == "word2vec" && i == 3, actual.All(x => x == 0));
                }
            }
        }
    }

    [Fact]
    public void Features_are_standardised_by_those_of_the_training_alone()
    {
        FrozenVectors train = new([[1, 7, 3, 7, 5, 7]], 2);
        FrozenVectors test = new([[7, 9]], 2);
        train.Standardise(test);
        using CpuDevice device = new();
        using StepScope step = new(device);
        float d = MathF.Sqrt(8f / 3f);
        Assert.Equal([2 / d, 0, -2 / d, 0], train.Of(step, [2, 0])[0].ToArray(), (a, b) => MathF.Abs(a - b) < 1e-6f);
        Assert.Equal([4 / d, 0], test.Of(step, [0])[0].ToArray(), (a, b) => MathF.Abs(a - b) < 1e-6f);
    }

    [Fact]
    public void Confusion_counts_answers_by_truth()
    {
        ConfusionMatrix matrix = new(3, [0, 0, 1, 2, 2], [0, 1, 1, 2, 0]);
        Assert.Equal((1, 1, 0, 1, 0.6), (matrix[0, 0], matrix[0, 1], matrix[1, 0], matrix[2, 0], matrix.Accuracy));
    }

    [Fact]
    public void What_cannot_be_classified_is_refused()
    {
        using CpuDevice device = new();
        string run = Train("word2vec", 1);
        LabelledSentence[] train = [new("a", "ai", 1), new("b", "bi", 2)];
        Assert.Equal(
            "t.tsv:7: the label c is not among those trained on: a, b.",
            Assert.Throws<EngineException>(() => SentenceClassification.Run(device, run, train, "t.tsv", [new("c", "ai", 7)], EncoderStart.Pretrained, new())).Message);
        Assert.Equal(
            "all 1 sentences to train on have the label a; a classifier needs two or more.",
            Assert.Throws<EngineException>(() => SentenceClassification.Run(device, run, train[..1], "t", train[..1], EncoderStart.Pretrained, new())).Message);
        string xlnet = Train("xlnet-tiny", 1);
        Assert.EndsWith(
            "model xlnet has no encoder of sentences here; take a run of bert, roberta, spanbert, albert, electra, t5, transformer, gpt2, llama, mixtral, elmo, word2vec or glove.",
            Assert.Throws<EngineException>(() => SentenceEncoder.Load(device, xlnet)).Message);
    }

    [Fact]
    public void A_run_that_is_stopped_reports_nothing()
    {
        using CpuDevice device = new();
        string run = Train("word2vec", 1);
        IReadOnlyList<LabelledSentence> sentences = WordClasses.Sentences(8, test: false);
        Assert.Equal(
            "stopped before all classifiers were trained; there is nothing to report.",
            Assert.Throws<EngineException>(() => SentenceClassification.Run(device, run, sentences, "t", sentences, EncoderStart.Random, new(), stop: new CancellationToken(true))).Message);
    }

    private string Train(string preset, int steps) => SmallRuns.Train(_folder, preset, steps);
}
