using System.Text;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Data;
using Engine.Pretraining.Models;
using Engine.Pretraining.Tokenizers;
using Engine.Pretraining.Training;

namespace Engine.Pretraining.Objectives;

/// <summary>
/// Predict the next word from those before and the word before from those behind, with a model that reads words as characters:
/// half the sum of both mean cross-entropies over windows drawn at random from the training split.
/// </summary>
public sealed class BidirectionalLanguageModeling : IObjective
{
    /// <summary>Places for the characters of a word, its two marks included; longer words are cut. 50 in the paper.</summary>
    public const int WordLength = 20;

    private const int NoLabel = -100;

    // Bytes are 1 … 256, as in the published model, so that 0 can stand for nothing.
    private const int EndOfSentence = 258;
    private const int BeginOfWord = 259;
    private const int EndOfWord = 260;
    private const int Padding = 261;

    /// <summary>The row of the catalog.</summary>
    internal static readonly ObjectiveEntry Entry = new(
        "bilm", "bidirectional language modelling", "Peters et al., Deep contextualized word representations, 2018",
        "−½ mean over t of log p(x_t | x_<t) + log p(x_t | x_>t)", ["elmo"], "elmo-tiny", Create);

    private readonly Elmo _model;
    private readonly ISampler _training;
    private readonly EvaluationSet _evaluation;
    private readonly int[] _characters;
    private readonly int[] _words;
    private readonly int[] _next;
    private readonly int[] _previous;
    private readonly int[] _chars;
    private double _forward;
    private double _backward;
    private int _evaluated;

    /// <summary>An objective over two splits of a corpus.</summary>
    /// <param name="model">The model to train.</param>
    /// <param name="words">The vocabulary.</param>
    /// <param name="training">Draws training windows.</param>
    /// <param name="evaluation">The evaluation windows; batches of the same size as training's.</param>
    public BidirectionalLanguageModeling(Elmo model, IReadOnlyList<string> words, ISampler training, EvaluationSet evaluation)
    {
        ArgumentNullException.ThrowIfNull(words);
        _model = model;
        _training = training;
        _evaluation = evaluation;
        _characters = [.. words.SelectMany(CharactersOf)];
        _words = new int[TokensPerBatch];
        _next = new int[TokensPerBatch];
        _previous = new int[TokensPerBatch];
        _chars = new int[TokensPerBatch * WordLength];
    }

    /// <inheritdoc/>
    public int TokensPerBatch => _training.BatchSize * _training.SequenceLength;

    /// <inheritdoc/>
    public int EvaluationBatches => _evaluation.Batches;

    /// <summary>A word as the model reads it: its mark, UTF-8 bytes, its other mark, then padding; a sentence end has a character of its own.</summary>
    public static int[] CharactersOf(string word)
    {
        IEnumerable<int> bytes = word == Words.WordVocabulary.SentenceEnd ? [EndOfSentence] : Encoding.UTF8.GetBytes(word).Select(b => b + 1);
        int[] characters = [BeginOfWord, .. bytes.Take(WordLength - 2), EndOfWord];
        return [.. characters, .. Enumerable.Repeat(Padding, WordLength - characters.Length)];
    }

    /// <inheritdoc/>
    public Tensor TrainingLoss(StepScope step, long batch)
    {
        (Tensor forward, Tensor backward) = Losses(step, _training, batch);
        return (forward + backward) * 0.5f;
    }

    /// <inheritdoc/>
    public Tensor EvaluationLoss(StepScope step, int batch)
    {
        (Tensor forward, Tensor backward) = Losses(step, _evaluation, batch);
        _forward += forward.Item();
        _backward += backward.Item();
        _evaluated++;
        return (forward + backward) * 0.5f;
    }

    /// <inheritdoc/>
    public IReadOnlyList<EvaluationFigure> TakeFigures()
    {
        EvaluationFigure[] figures = [new("forward_perplexity", Math.Exp(_forward / _evaluated)), new("backward_perplexity", Math.Exp(_backward / _evaluated))];
        (_forward, _backward, _evaluated) = (0, 0, 0);
        return figures;
    }

    private static PretrainTask Create(TaskContext context)
    {
        PretrainConfig config = context.Config;
        PretrainData data = PretrainData.Open(config, context.Tokenizer, context.Fingerprint);
        if (data.Tokenizer is not WordTokenizer words)
        {
            data.Dispose();
            throw new EngineException($"objective bilm: tokenizer = {config.Tokenizer} does not make words, which this model reads as characters; use tokenizer = word.");
        }

        Elmo model = (Elmo)ModelCatalog.Create(context.Device, config, words.VocabSize);
        return new PretrainTask(
            model, new BidirectionalLanguageModeling(model, [.. Enumerable.Range(0, words.VocabSize).Select(id => words.Spelling(id)!)], data.Training, data.Validation), words, data.Fingerprint,
            data.Dataset.Training.Count, data.Dataset.Validation.Count)
        {
            Data = data,
        };
    }

    private (Tensor Forward, Tensor Backward) Losses(StepScope step, ISampler sampler, long batch)
    {
        (int B, int T) = (sampler.BatchSize, sampler.SequenceLength);
        Tensor chars;
        Tensor next;
        Tensor previous;
        using (step.Device.Span("batch"))
        {
            sampler.Fill(batch, _words, _next);
            for (int i = 0; i < _words.Length; i++)
            {
                _previous[i] = i % T == 0 ? NoLabel : _words[i - 1];
                _characters.AsSpan(_words[i] * WordLength, WordLength).CopyTo(_chars.AsSpan(i * WordLength));
            }

            chars = step.From<int>(_chars, [B, T, WordLength]);
            next = step.From<int>(_next, [B, T]);
            previous = step.From<int>(_previous, [B, T]);
        }

        using (step.Device.Span("forward"))
        {
            return _model.Losses(_model.Layers(chars), next, previous);
        }
    }
}
