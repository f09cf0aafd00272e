using Engine.Nn;
using Engine.Pretraining.Classification;
using Engine.Pretraining.Configuration;
using Engine.Pretraining.Logs;
using Engine.Pretraining.Models;
using Engine.Pretraining.Tokenizers;
using Engine.Pretraining.Training;

namespace Engine.Pretraining.Prompting;

/// <summary>How answers are scored.</summary>
public sealed record PromptOptions
{
    /// <summary>The mean of the log-probabilities of an answer's tokens in place of their sum, so that long answers can win.</summary>
    public bool LengthNormalization { get; init; }

    /// <summary>
    /// A text without content, such as <c>N/A</c>: each class's score for it is taken off (Zhao et al., "Calibrate before use: improving
    /// few-shot performance of language models", 2021). Null for no calibration.
    /// </summary>
    public string? ContentFree { get; init; }

    /// <summary>Prompts of one forward pass.</summary>
    public int BatchSize { get; init; } = 32;
}

/// <summary>Classifies texts without training, by what a language model puts into a prompt.</summary>
public sealed class PromptClassifier : IDisposable
{
    private readonly Module _model;
    private readonly PromptReader _reader;
    private readonly PromptTemplate _template;
    private readonly Verbalizer _verbalizer;
    private readonly PromptOptions _options;
    private readonly double[] _prior;

    private PromptClassifier(Module model, PromptReader reader, PromptTemplate template, Verbalizer verbalizer, PromptOptions options)
    {
        (_model, _reader, _template, _verbalizer, _options) = (model, reader, template, verbalizer, options);
        _prior = new double[verbalizer.Labels.Count];
        _prior = options.ContentFree is { } empty ? Score([empty])[0] : _prior;
    }

    /// <summary>The masked or causal model of a run's newest checkpoint with a prompt.</summary>
    /// <param name="device">Where it shall live.</param>
    /// <param name="run">The run folder.</param>
    /// <param name="template">The prompt.</param>
    /// <param name="verbalizer">The answers.</param>
    /// <param name="options">How they are scored.</param>
    /// <exception cref="EngineException">There is no such run, its model is of neither kind, or its vocabulary lacks a word.</exception>
    public static PromptClassifier Load(Device device, string run, PromptTemplate template, Verbalizer verbalizer, PromptOptions options)
    {
        string checkpoint = RunFolder.LatestCheckpoint(run);
        PretrainConfig config = Checkpoint.ReadConfig(checkpoint);
        ITokenizer tokenizer = Checkpoint.ReadTokenizer(checkpoint);
        Module model = ModelCatalog.Create(device, config, tokenizer.VocabSize);
        try
        {
            PromptReader reader = model switch
            {
                EncoderModel or Electra => new ClozeReader(model, tokenizer, config.Objective),
                CausalLanguageModel causal => new PrefixReader(causal, tokenizer),
                _ => throw new EngineException($"{checkpoint}: model {config.Model} answers no prompts; take a run of a masked model such as bert, or of a causal one such as gpt2."),
            };
            Checkpoint.LoadModel(checkpoint, model);
            return new PromptClassifier(model, reader, template, verbalizer, options);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Scores of the classes for each text, up to a constant their log-probabilities.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="progress">Told how far it is; null for nobody.</param>
    /// <exception cref="EngineException">A text has something that the vocabulary cannot express.</exception>
    public double[][] Score(IReadOnlyList<string> texts, IProgress<WorkDone>? progress = null)
    {
        // Words of one length ask a masked model the same; so do answers of one token a causal one.
        List<int[]> prompts = [];
        Dictionary<(int Text, string Tokens), int> known = [];
        List<(int Prompt, int First, int[] Answer)> questions = [];
        for (int i = 0; i < texts.Count; i++)
        {
            foreach (string word in _verbalizer.Words)
            {
                PromptReading reading = _reader.Read(_template, texts[i], word);
                (int, string) key = (i, string.Join(' ', reading.Tokens));
                if (!known.TryGetValue(key, out int prompt))
                {
                    known.Add(key, prompt = prompts.Count);
                    prompts.Add(reading.Tokens);
                }

                questions.Add((prompt, reading.First, reading.Answer));
            }
        }

        double[] scores = Ask(prompts, questions, progress);
        int words = _verbalizer.Words.Count;
        return [.. texts.Select((_, i) => _verbalizer.ClassScores(scores.AsSpan(i * words, words)).Zip(_prior, (s, p) => s - p).ToArray())];
    }

    /// <summary>Frees the model.</summary>
    public void Dispose() => _model.Dispose();

    // One forward pass for each batch of prompts; questions are in the prompts' order.
    private double[] Ask(List<int[]> prompts, List<(int Prompt, int First, int[] Answer)> questions, IProgress<WorkDone>? progress)
    {
        double[] scores = new double[questions.Count];
        using StepScope step = new(_model.Device, recording: false);
        SentenceBuffers buffers = new(1, _reader.Padding, Pooling.Mean);
        ILookup<int, int> byBatch = Enumerable.Range(0, questions.Count).ToLookup(q => questions[q].Prompt / _options.BatchSize);
        foreach (IGrouping<int, int> batch in byBatch)
        {
            int first = batch.Key * _options.BatchSize;
            progress?.Report(new WorkDone("asking", first, prompts.Count, "prompts"));
            int[] rows = [.. Enumerable.Range(first, Math.Min(_options.BatchSize, prompts.Count - first))];
            SentenceBatch input = buffers.Fill(step, prompts, rows);
            int T = input.InputIds.Shape[1];
            Dictionary<int, int> places = [];
            List<(int Question, int Place, int Token)> asked = [];
            foreach (int q in batch)
            {
                (int prompt, int begin, int[] answer) = questions[q];
                for (int t = 0; t < answer.Length; t++)
                {
                    int place = ((prompt - first) * T) + begin + t;
                    places.TryAdd(place, places.Count);
                    asked.Add((q, places[place], answer[t]));
                }
            }

            Tensor logits = _reader.Logits(input, step.From<int>([.. places.Keys], [places.Count])).To(DType.Float32);
            int V = logits.Shape[1];
            float[] logProbabilities = logits.LogSoftmax(-1).Reshape(-1, 1)
                .Embedding(step.From<int>([.. asked.Select(a => (a.Place * V) + a.Token)], [asked.Count])).ToArray();
            for (int i = 0; i < asked.Count; i++)
            {
                int q = asked[i].Question;
                scores[q] += logProbabilities[i] / (_options.LengthNormalization ? questions[q].Answer.Length : 1);
            }

            step.Clear();
        }

        return scores;
    }
}
