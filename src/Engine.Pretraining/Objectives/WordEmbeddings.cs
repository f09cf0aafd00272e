using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Data;
using Engine.Pretraining.Models;
using Engine.Pretraining.Tokenizers;
using Engine.Pretraining.Training;
using Engine.Pretraining.Words;

namespace Engine.Pretraining.Objectives;

/// <summary>
/// Static vectors of words, by word2vec (skip-gram and CBOW) or GloVe. A step is a pass over the training words, on the CPU whatever
/// the device; the tables go to the model afterwards. Evaluation is the loss of pairs of words of the validation split, drawn once, by
/// the tensor expressions of <see cref="WordLosses"/> on the device.
/// </summary>
public sealed class WordEmbeddings : ISelfStepping
{
    /// <summary>The rows of the catalog.</summary>
    internal static readonly ObjectiveEntry SkipGram = new(
        "skip-gram", "word2vec, skip-gram", "Mikolov et al., Distributed representations of words and phrases and their compositionality, 2013",
        "−log σ(o·c) − Σ over k words n drawn from unigram^¾ of log σ(−n·c)", ["word2vec"], "word2vec", Create);

    internal static readonly ObjectiveEntry Cbow = SkipGram with
    {
        Name = "cbow",
        Title = "word2vec, continuous bag of words",
        Paper = "Mikolov et al., Efficient estimation of word representations in vector space, 2013",
        Formula = "the same with the mean of the window's vectors for c",
        Preset = "word2vec-cbow",
    };

    internal static readonly ObjectiveEntry GloVe = SkipGram with
    {
        Name = "glove",
        Title = "GloVe",
        Paper = "Pennington et al., GloVe: global vectors for word representation, 2014",
        Formula = "Σ over pairs of ½·min(1, (x/x_max)^¾)·(w·w̃ + b + b̃ − ln x)²",
        Models = ["glove"],
        Preset = "glove",
    };

    private const int Shown = 8;
    private readonly IWordTraining _training;
    private readonly WordVectorModel _model;
    private readonly PretrainConfig _config;

    private WordEmbeddings(IWordTraining training, WordVectorModel model, PretrainConfig config) => (_training, _model, _config) = (training, model, config);

    /// <inheritdoc/>
    public int TokensPerBatch => _training.TrainingWords;

    /// <inheritdoc/>
    public int EvaluationBatches => Math.Min(_config.EvalBatches, _training.EvaluationBatches);

    /// <inheritdoc/>
    public (double Loss, double LearningRate) Step(StepScope step, long done) => _training.Pass(step, _model, done);

    /// <inheritdoc/>
    public Tensor TrainingLoss(StepScope step, long batch) => throw new InvalidOperationException("Word vectors take their steps themselves.");

    /// <inheritdoc/>
    public Tensor EvaluationLoss(StepScope step, int batch) => _training.EvaluationLoss(step, _model, batch);

    private static PretrainTask Create(TaskContext context)
    {
        PretrainConfig config = context.Config;
        string text = Corpus.Load(config.Data).Text;

        // At a line end, so that no word is cut.
        int cut = text.LastIndexOf('\n', (int)((1 - config.ValFraction) * (text.Length - 1)));
        (string first, string rest) = cut < 0 ? (text, string.Empty) : (text[..(cut + 1)], text[(cut + 1)..]);
        WordVocabulary vocabulary = context.Tokenizer is WordTokenizer known
            ? WordVocabulary.Recount([.. Enumerable.Range(0, known.VocabSize).Select(id => known.Spelling(id)!)], first)
            : WordVocabulary.Count(config.Data, first, config.MinFrequency);

        // The vocabulary as a checkpoint keeps it. Words outside it are left out here, which a tokenizer cannot do: they become line ends.
        WordTokenizer tokenizer = new([.. vocabulary.Words], new() { [0] = WordVocabulary.SentenceEnd }, unknown: 0);
        (int[] train, int[] validate) = (vocabulary.Encode(first), vocabulary.Encode(rest));
        ulong fingerprint = PretrainData.FingerprintOf(MemoryMarshal.AsBytes<int>(train), tokenizer);
        PretrainData.RequireUnchanged(config.Data, context.Fingerprint, fingerprint);
        IWordTraining training = config.Objective == "glove"
            ? new GloveTraining(config, vocabulary, train, validate)
            : new Word2VecTraining(config, vocabulary, train, validate);
        WordVectorModel model = (WordVectorModel)ModelCatalog.Create(context.Device, config, vocabulary.Words.Count);
        training.Store(model);
        return new PretrainTask(model, new WordEmbeddings(training, model, config), tokenizer, fingerprint, train.Length, validate.Length)
        {
            Sample = _ => Neighbours(training.Vectors(model)),
            Export = folder => WordVectorsFile.Write(Path.Combine(folder, "vectors.txt"), training.Vectors(model)),
        };
    }

    // The words nearest to some frequent ones, of which the most frequent say least.
    private static string Neighbours(WordVectors vectors)
    {
        StringBuilder text = new();
        for (int i = 0; i < Shown; i++)
        {
            int word = Math.Min(vectors.Words.Count - 1, 50 << i);
            IEnumerable<string> near = vectors.Nearest(vectors[word], 5, [word]).Select(n => string.Create(CultureInfo.InvariantCulture, $"{vectors.Words[n.Word]} {n.Cosine:0.00}"));
            text.Append(vectors.Words[word]).Append(": ").AppendJoin(", ", near).Append('\n');
        }

        return text.ToString();
    }
}

/// <summary>One way to train static vectors of words, as <see cref="WordEmbeddings"/> uses it.</summary>
internal interface IWordTraining
{
    /// <summary>Words of a pass.</summary>
    int TrainingWords { get; }

    int EvaluationBatches { get; }

    /// <summary>Copies the tables into the model's parameters.</summary>
    void Store(WordVectorModel model);

    /// <summary>Pass number <paramref name="done"/> over the training words, from the model's parameters and back to them.</summary>
    (double Loss, double LearningRate) Pass(StepScope step, WordVectorModel model, long done);

    Tensor EvaluationLoss(StepScope step, WordVectorModel model, int batch);

    /// <summary>What is used of the tables.</summary>
    WordVectors Vectors(WordVectorModel model);
}
