using Engine.Pretraining.Data;
using Engine.Pretraining.Models;
using Engine.Pretraining.Prompting;
using Engine.Pretraining.Tests.Classification;
using Engine.Pretraining.Tokenizers;
using Engine.Pretraining.Training;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Pretraining.Tests.Prompting;

public sealed class PromptTests : IDisposable
{
    private static readonly PromptTemplate s_template = new("{text} so {answer}");
    private static readonly Verbalizer s_verbalizer = new(["even=even", "odd=odd"]);
    private readonly TemporaryFolder _folder = new();
    private readonly CpuDevice _device = new();

    public void Dispose()
    {
        _device.Dispose();
        _folder.Dispose();
    }

    // Measured: 1.00; chance is 0.5, and the words of the sentences carry no label of their own.
    [Theory]
    [InlineData("roberta-tiny", 1000)]
    [InlineData("shakespeare-char", 600)]
    public void Without_training_on_labels_a_prompt_finds_the_class(string preset, int steps)
    {
        using PromptClassifier classifier = Load(SmallRuns.Train(_folder, preset, steps), s_template, s_verbalizer, new());
        IReadOnlyList<LabelledSentence> sentences = WordClasses.Sentences(200, test: true);
        double[][] scores = classifier.Score([.. sentences.Select(s => s.Text)]);
        double accuracy = sentences.Zip(scores).Count(p => (p.Second[0] > p.Second[1] ? "even" : "odd") == p.First.Label) / 200.0;
        TestContext.Current.TestOutputHelper!.WriteLine($"{preset}: {accuracy}");
        Assert.True(accuracy > 0.75, $"{accuracy}");
    }

    [Theory]
    [InlineData("roberta-tiny")]
    [InlineData("electra-tiny")]
    [InlineData("shakespeare-char")]
    public void A_batch_has_the_scores_of_its_texts_one_by_one(string preset)
    {
        string run = SmallRuns.Train(_folder, preset, 3);
        Verbalizer verbalizer = new(["even=even,the1 ai", "odd=odd,so so odd"]);
        string[] texts = ["ai bi the1", "the2", "ai the2 bj aj the1 bk the2 ck ci the1 ai the3 bi cj the1 dk el ai the2 bj aj the1 bk the2 ck ci the1 ai the3 bi cj the1 dk el"];
        double[][] together = Scores(64);
        Assert.All(together.Zip(Scores(1)), p => Assert.Equal(p.First, p.Second, (a, b) => Math.Abs(a - b) < 1e-4));
        Assert.All(together.Zip(Scores(2)), p => Assert.Equal(p.First, p.Second, (a, b) => Math.Abs(a - b) < 1e-4));
        using PromptClassifier classifier = Load(run, s_template, verbalizer, new());
        Assert.All(texts.Select(t => classifier.Score([t])[0]).Zip(together), p => Assert.Equal(p.First, p.Second, (a, b) => Math.Abs(a - b) < 1e-4));

        double[][] Scores(int batch)
        {
            using PromptClassifier one = Load(run, s_template, verbalizer, new() { BatchSize = batch });
            return one.Score(texts);
        }
    }

    [Fact]
    public void A_prefix_prompt_scores_each_answer_by_its_log_probability()
    {
        string run = SmallRuns.Train(_folder, "shakespeare-char", 3);
        string checkpoint = RunFolder.LatestCheckpoint(run);
        ITokenizer tokenizer = Checkpoint.ReadTokenizer(checkpoint);
        using CausalLanguageModel model = (CausalLanguageModel)ModelCatalog.Create(_device, Checkpoint.ReadConfig(checkpoint), tokenizer.VocabSize);
        Checkpoint.LoadModel(checkpoint, model);
        Verbalizer verbalizer = new(["even=even", "odd=the1 odd"]);
        double even = LogProbability("ai the1 so", "even");
        double odd = LogProbability("ai the1 so", "the1 odd");
        AssertScores([even, odd], new());
        AssertScores([even, odd / 2], new() { LengthNormalization = true });
        AssertScores([even - LogProbability("the2 so", "even"), odd - LogProbability("the2 so", "the1 odd")], new() { ContentFree = "the2" });

        void AssertScores(double[] expected, PromptOptions options)
        {
            using PromptClassifier classifier = Load(run, s_template, verbalizer, options);
            Assert.Equal(expected, classifier.Score(["ai the1"])[0], (a, b) => Math.Abs(a - b) < 1e-4);
        }

        double LogProbability(string before, string answer)
        {
            int[] bos = tokenizer.SpecialTokens.Bos is { } id ? [id] : [];
            int[] prompt = [.. bos, .. tokenizer.Encode(before)];
            double sum = 0;
            foreach (int token in tokenizer.Encode(answer))
            {
                using StepScope step = new(_device, recording: false);
                sum += model.NextTokenLogits(step.From<int>(prompt, [1, prompt.Length])).LogSoftmax(-1).ToArray()[token];
                prompt = [.. prompt, token];
            }

            return sum;
        }
    }

    [Fact]
    public void A_cloze_prompt_fills_in_one_mask_for_each_token_of_an_answer()
    {
        string run = SmallRuns.Train(_folder, "roberta-tiny", 3);
        string checkpoint = RunFolder.LatestCheckpoint(run);
        ITokenizer tokenizer = Checkpoint.ReadTokenizer(checkpoint);
        using EncoderModel model = (EncoderModel)ModelCatalog.Create(_device, Checkpoint.ReadConfig(checkpoint), tokenizer.VocabSize);
        Checkpoint.LoadModel(checkpoint, model);
        SpecialTokens special = tokenizer.SpecialTokens;
        double[] expected = [.. new[] { "even", "the1 odd" }.Select(answer =>
        {
            int[] tokens = tokenizer.Encode(answer);
            int[] read = [special.Cls!.Value, .. tokenizer.Encode("ai"), .. tokens.Select(_ => special.Mask!.Value), .. tokenizer.Encode("the2"), special.Sep!.Value];
            using StepScope step = new(_device, recording: false);
            float[] logs = model.TokenLogits(model.Hidden(new EncoderInput(step.From<int>(read, [1, read.Length])))).LogSoftmax(-1).ToArray();
            int first = Array.IndexOf(read, special.Mask!.Value);
            return tokens.Select((t, i) => (double)logs[((first + i) * tokenizer.VocabSize) + t]).Sum();
        })];
        using PromptClassifier classifier = Load(run, new PromptTemplate("{text} {answer} the2"), new Verbalizer(["a=even", "b=the1 odd"]), new());
        Assert.Equal(expected, classifier.Score(["ai"])[0], (a, b) => Math.Abs(a - b) < 1e-4);
    }

    [Fact]
    public void A_class_is_as_likely_as_the_mean_of_its_words()
    {
        Gen<double[]> logs = Gen.Choose(-800, 0).Select(x => x / 10.0).ArrayOf(3);
        Verbalizer verbalizer = new(["a=x, y", "b=z"]);
        Prop.ForAll(Arb.From(logs), l =>
        {
            double[] scores = verbalizer.ClassScores(l);
            double mean = (Math.Exp(l[0]) + Math.Exp(l[1])) / 2;
            return Math.Abs(Math.Exp(scores[0]) - mean) <= 1e-9 * mean && Math.Abs(scores[1] - l[2]) < 1e-12;
        }).QuickCheckThrowOnFailure();
        Assert.Equal(-2000, verbalizer.ClassScores([-2000, -2000, 0])[0], 1e-9);
    }

    [Theory]
    [InlineData("{answer} {text}")]
    [InlineData("{text}")]
    [InlineData("{text} {text} {answer}")]
    [InlineData("{text} {answer} {answer}")]
    [InlineData("")]
    public void A_template_has_a_text_and_then_an_answer(string template) => Assert.Equal(
        $"template '{template}': expected one {{text}} and behind it one {{answer}}, for example \"{{text}} It was {{answer}}\".",
        Assert.Throws<EngineException>(() => new PromptTemplate(template)).Message);

    [Theory]
    [InlineData("verbalizer 'pos': expected a label, an equals sign and words between commas, for example pos=great,nice.", "pos")]
    [InlineData("verbalizer '=a': expected a label, an equals sign and words between commas, for example pos=great,nice.", "=a")]
    [InlineData("verbalizer 'a= ,': expected a label, an equals sign and words between commas, for example pos=great,nice.", "a= ,")]
    [InlineData("verbalizer 'b=x': each label and each word may come once only.", "a=x", "b=x")]
    [InlineData("verbalizer 'a=y': each label and each word may come once only.", "a=x", "a=y")]
    [InlineData("verbalizer: expected two classes or more, for example pos=great,nice neg=bad.", "a=x")]
    public void A_verbalizer_that_is_none_is_refused(string message, params string[] classes) =>
        Assert.Equal(message, Assert.Throws<EngineException>(() => new Verbalizer(classes)).Message);

    [Fact]
    public void Any_template_and_verbalizer_is_read_or_refused()
    {
        Gen<string> text = Gen.Elements("{text}", "{answer}", " ", "=", ",", "a", "{", "}").ArrayOf().Select(string.Concat);
        Prop.ForAll(Arb.From(text), t => Refused(() => new PromptTemplate(t), "template '") && Refused(() => new Verbalizer([t, "b=c"]), "verbalizer '")).QuickCheckThrowOnFailure();

        static bool Refused(Func<object> make, string message)
        {
            try
            {
                return make() is not null;
            }
            catch (EngineException e)
            {
                return e.Message.StartsWith(message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void What_cannot_be_asked_is_refused()
    {
        string causal = SmallRuns.Train(_folder, "shakespeare-char", 1);
        Refuses("verbalizer: the model's vocabulary has no word 'great'; choose words that its corpus has.", causal, s_template, new(["a=great", "b=odd"]));
        string twenty = string.Concat(Enumerable.Repeat("so ", 40));
        Refuses(
            $"template '{{text}} {twenty}{{answer}}': with the answer 'even' it has 41 tokens, more than the 32 that the model reads.", causal,
            new PromptTemplate("{text} " + twenty + "{answer}"), s_verbalizer);
        string vectors = SmallRuns.Train(_folder, "word2vec", 1);
        Refuses(
            $"{RunFolder.LatestCheckpoint(vectors)}: model word2vec answers no prompts; take a run of a masked model such as bert, or of a causal one such as gpt2.", vectors, s_template,
            s_verbalizer);
    }

    private void Refuses(string message, string run, PromptTemplate template, Verbalizer verbalizer) => Assert.Equal(message, Assert.Throws<EngineException>(() =>
    {
        using PromptClassifier classifier = Load(run, template, verbalizer, new());
        classifier.Score(["ai"]);
    }).Message);

    private PromptClassifier Load(string run, PromptTemplate template, Verbalizer verbalizer, PromptOptions options) =>
        PromptClassifier.Load(_device, run, template, verbalizer, options);
}
